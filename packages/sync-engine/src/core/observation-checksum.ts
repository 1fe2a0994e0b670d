import type { Observation } from '@fieldsync/contracts'
import { canonicalRecord, type Sha256 } from '@fieldsync/domain'

/**
 * The content of an observation without its checksum, as canonical JSON (RFC 8785): every field but
 * `deterministicChecksum`, `status`, `updatedAt` and `correction`.
 */
export function observedText(observation: Observation): string {
  const { deterministicChecksum: _own, ...observed } = observation
  return canonicalRecord(observed).contentText
}

/**
 * The `deterministicChecksum` that this engine gives an observation: SHA-256 over {@link observedText}. Equal content has
 * an equal checksum, on every device (ENG-9).
 */
export function observationChecksum(
  observation: Observation,
  sha256: Sha256,
): Observation['deterministicChecksum'] {
  return `sha256:${sha256(observedText(observation))}`
}
