import { instantMicros, type Observation, type Playbook, type Recommendation } from '@fieldsync/contracts'
import { canonicalText, type Sha256 } from '@fieldsync/domain'

import { isLost } from './resend-lost.ts'

/** A version that the server was known to have. */
export type KnownVersion = Observation | Recommendation | Playbook

/**
 * True if the server's history no longer has a version that it was known to have, judged by what it has now (ENG-42).
 *
 * @param corrections ids of the corrections that the server was known to have, oldest first
 */
export function isMissing(
  known: KnownVersion,
  now: KnownVersion,
  corrections: readonly string[],
  sha256: Sha256,
): boolean {
  // Versions of a playbook count up: a lower one, or the same, with other rules is of a history without this one.
  if ('rules' in known || 'rules' in now) {
    if (!('rules' in known && 'rules' in now)) return false
    return now.version <= known.version && !hasSameRules(known, now)
  }
  if (!isLost(known, now, sha256)) return false
  return !('rawNoteText' in known && 'rawNoteText' in now && isCorrectedFurther(known, now, corrections))
}

/** True if two versions of a playbook say the same, whatever their numbers. */
export const hasSameRules = (a: Playbook, b: Playbook): boolean =>
  canonicalText({ ...a, version: 1, updatedAt: '' }) === canonicalText({ ...b, version: 1, updatedAt: '' })

/** What the server has may be a later correction of the chain that the known one belongs to. */
function isCorrectedFurther(known: Observation, now: Observation, corrections: readonly string[]): boolean {
  if (!known.correction || !now.correction) return false
  if (now.correction.supersedes.toLowerCase() === known.deterministicChecksum.toLowerCase()) return true
  const place = corrections.indexOf(now.correction.correctionId)
  if (place >= 0) return place > corrections.indexOf(known.correction.correctionId)
  // The corrections between the two are not known here; each edit is dated after the version before it (ENG-10).
  return timeOf(now) > timeOf(known)
}

const timeOf = ({ updatedAt, correction }: Observation): number =>
  instantMicros(updatedAt ?? correction?.correctedAt ?? '1970-01-01T00:00:00Z')
