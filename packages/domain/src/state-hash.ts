import type { CanonicalRecord, Sha256 } from './canonical.ts'

/** The state hash of a workspace without a record. */
export const EMPTY_STATE_HASH = '0'.repeat(64)

/** The records that a state hash covers. */
export type HashedType = 'observation' | 'recommendation' | 'playbook'

/**
 * What one record adds to the state hash of its workspace: SHA-256 over its type, id, status and content (HSH-1). Times
 * and corrections are left out: a re-send with the same content changes neither (OBS-22).
 *
 * @param record a playbook has no status
 */
export function recordDigest(
  type: HashedType,
  id: string,
  record: CanonicalRecord<object>,
  sha256: Sha256,
): string {
  const status = 'status' in record.record ? String(record.record.status) : ''
  return sha256(`fieldsync.state.v1\n${type}\n${id}\n${status}\n${record.contentText}`)
}

/**
 * The hash with a record's digest added, or removed if it was included: exclusive or of both, so that neither order nor
 * history matters. It detects copies that differ by mistake; it is no protection against forged records.
 *
 * @param digests hex, all of one length
 */
export function combineDigests(...digests: readonly string[]): string {
  const words = new Uint32Array(EMPTY_STATE_HASH.length / WORD_DIGITS)
  for (const digest of digests) {
    for (const i of words.keys()) {
      const word = Number.parseInt(digest.slice(i * WORD_DIGITS, (i + 1) * WORD_DIGITS), 16)
      words[i] = (words[i] ?? 0) ^ word
    }
  }
  return Array.from(words, (word) => word.toString(16).padStart(WORD_DIGITS, '0')).join('')
}

/** Eight hex digits fit the 32 bits that JavaScript's operators work on. */
const WORD_DIGITS = 8
