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
  let combined = 0n
  for (const digest of digests) combined ^= BigInt(`0x${digest}`)
  return combined.toString(16).padStart(EMPTY_STATE_HASH.length, '0')
}
