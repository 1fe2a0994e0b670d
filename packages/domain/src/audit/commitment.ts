import type { Sha256 } from '../canonical.ts'

/** Which personal value of a person an entry of the audit is about. */
export type PersonalKind = 'name' | 'email'

/**
 * What the chain holds in the place of a personal value (AUD-34): whoever has value and salt can prove that they are the ones of
 * the entry, and nobody finds the value by guessing once the salt is deleted.
 */
export type PersonalCommitment = {
  kind: PersonalKind
  /** Id of the person or of the invitation that the value is of. */
  of: string
  sha256: string
}

/** A personal value with the salt of its commitment, as it lies beside the chain. */
export type SaltedValue = {
  readonly kind: PersonalKind
  readonly of: string
  readonly value: string
  /** 256 random bits in hex, of this value alone. */
  readonly salt: string
}

/** Separates these hashes from every other use of SHA-256, and this format from a later one. */
const DOMAIN_TAG = 'fieldsync.personal.v1'

/**
 * Hash of a personal value with its salt, for one workspace, kind and subject (AUD-34). The salt has a fixed length, and only the
 * value, which is last, may hold a line feed.
 */
export const personalCommitment = (
  workspaceId: string,
  { kind, of, salt, value }: SaltedValue,
  sha256: Sha256,
): string => sha256([DOMAIN_TAG, salt, workspaceId, kind, of, value].join('\n'))
