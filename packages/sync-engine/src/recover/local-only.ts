import { instantMicros, type Observation, type Playbook, type Recommendation } from '@fieldsync/contracts'
import { canonicalText, type Sha256 } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import type { LostCorrections, RecordName } from '../core/engine-events.ts'
import { type EntityType, type LocalRecord, recordKey } from '../core/local-record.ts'
import { isLost } from './resend-lost.ts'

/** What the server turned out to have lost, and this device still has. */
export type Missing = { localOnly: RecordName[]; corrections: LostCorrections[] }

// More corrections of one record than any person makes.
const MOST_CORRECTIONS = 200

/**
 * Keeps a record that the server no longer has and never said it had deleted (ENG-41). Its server's side was taken away
 * before.
 *
 * @param was the record as the server was known to have it
 * @param as.resent it goes out again by itself
 * @param as.marked it is marked as only on this device
 */
export function keepAbsent(
  changeset: Changeset,
  was: LocalRecord,
  { resent, marked }: { resent: boolean; marked: boolean },
  missing: Missing,
): void {
  const { type, id } = was
  if (marked && was.server !== null) {
    changeset.put({ ...changeset.record<EntityType>(type, id), localOnly: was.localOnly ?? was.server })
    if (was.localOnly === undefined) missing.localOnly.push({ type, id })
  }
  noteLostCorrections(changeset, was, knownCorrections(was), resent, missing)
}

/**
 * After an answer was taken over: looks at every record that it touched. One that the server has again, in this version
 * or a later one, is only on this device no longer; a version that a full pull showed to be missing is kept (ENG-42).
 *
 * @param before the records as they were before the answer
 * @param sent ids of the corrections that the answer accepted, by record, in the order they were sent
 * @param resent keys of records whose known version goes out again by itself
 */
export function followServer(
  { sha256 }: EngineContext,
  changeset: Changeset,
  before: readonly LocalRecord[],
  sent: ReadonlyMap<string, readonly string[]>,
  { isFullPull, resent }: { isFullPull: boolean; resent: ReadonlySet<string> },
): Missing {
  const missing: Missing = { localOnly: [], corrections: [] }
  for (const was of before) {
    const { type, id } = was
    const key = recordKey(type, id)
    const now = changeset.record<EntityType>(type, id)
    const { server } = now
    if (now === was || server === null) continue
    const corrections = knownCorrections(was)
    const isGone = (known: LocalRecord['server'] | undefined): known is KnownVersion =>
      known !== null &&
      known !== undefined &&
      !('patchId' in known) &&
      // Both are of the record's type.
      isMissing(known, server as KnownVersion, corrections, sha256)
    const stays = isStillMissing(was, server, isGone)
    const wasLost = isFullPull && isGone(was.server)
    const localOnly = stays ? was.localOnly : wasLost && !resent.has(key) ? was.server : undefined
    const { localOnly: _before, ...others } = now
    changeset.put({ ...others, ...(localOnly && { localOnly }), ...correctionsOf(now, sent.get(key)) })
    if (localOnly && was.localOnly === undefined) missing.localOnly.push({ type, id })
    if (wasLost) noteLostCorrections(changeset, was, corrections, resent.has(key), missing)
  }
  return missing
}

/** A tombstone drops what was only on this device, too. */
export function forgetDeleted(changeset: Changeset, type: EntityType, id: string): void {
  const {
    localOnly: _l,
    corrections: _c,
    lostCorrections: _n,
    ...others
  } = changeset.record<EntityType>(type, id)
  changeset.put({ ...others, acknowledgedAt: null })
}

function isStillMissing(
  { localOnly }: LocalRecord,
  server: NonNullable<LocalRecord['server']>,
  isGone: (known: LocalRecord['localOnly']) => boolean,
): boolean {
  // A higher version may be of a history without this one: only equal rules say that nothing is missing any more.
  if (localOnly && 'rules' in localOnly) return !hasSameRules(localOnly, server as Playbook)
  return isGone(localOnly)
}

/** Ids of the corrections that the server was known to have; a store of an older version remembers the last alone. */
function knownCorrections({ corrections, server }: LocalRecord): readonly string[] {
  const last = correctionOf(server)
  const known = corrections ?? []
  return last === undefined || known.includes(last) ? known : [...known, last]
}

/** The id of the correction that made a version; of an observation alone, since nothing else is corrected. */
export const correctionOf = (known: LocalRecord['server']): string | undefined =>
  (known as Observation | null)?.correction?.correctionId

/** The corrections that the server is known to have, with those that it has just accepted. */
function correctionsOf(now: LocalRecord, sent: readonly string[] = []): Pick<LocalRecord, 'corrections'> {
  const last = correctionOf(now.server)
  if (last === undefined) return {}
  const all = new Set([...(now.corrections ?? []), ...sent, last])
  // The last one is what the server has now.
  all.delete(last)
  return { corrections: [...all, last].slice(-MOST_CORRECTIONS) }
}

/** The corrections behind the version that the server has; of those, a version that goes out again brings back the last. */
function noteLostCorrections(
  changeset: Changeset,
  { type, id }: LocalRecord,
  known: readonly string[],
  resent: boolean,
  missing: Missing,
): void {
  if (type !== 'observation') return
  const now = changeset.record('observation', id)
  const has = correctionOf(now.server)
  const place = known.findIndex((each) => each === has)
  const lost = known.slice(place + 1).length - Number(resent)
  if (lost <= 0) return
  const { corrections: _known, ...others } = now
  const left = known.slice(0, place + 1)
  changeset.put({
    ...others,
    ...(left.length > 0 && { corrections: left }),
    lostCorrections: (now.lostCorrections ?? 0) + lost,
  })
  missing.corrections.push({ type, id, corrections: lost })
}

/** A version that the server was known to have. */
type KnownVersion = Observation | Recommendation | Playbook

/**
 * True if the server's history no longer has a version that it was known to have, by what it has now (ENG-42).
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
  if ('rules' in known) {
    const playbook = now as Playbook
    return playbook.version <= known.version && !hasSameRules(known, playbook)
  }
  const [before, after] = [known, now] as [Observation, Observation]
  return isLost(before, after, sha256) && !isCorrectedFurther(before, after, corrections)
}

/** True if two versions of a playbook say the same, whatever their numbers. */
const hasSameRules = (a: Playbook, b: Playbook): boolean =>
  canonicalText({ ...a, version: 1, updatedAt: '' }) === canonicalText({ ...b, version: 1, updatedAt: '' })

/** What the server has may be a later correction of the chain that the known one belongs to; a recommendation has none. */
function isCorrectedFurther(known: Observation, now: Observation, corrections: readonly string[]): boolean {
  if (!known.correction || !now.correction) return false
  if (now.correction.supersedes.toLowerCase() === known.deterministicChecksum.toLowerCase()) return true
  const place = corrections.indexOf(now.correction.correctionId)
  if (place >= 0) return place > corrections.indexOf(known.correction.correctionId)
  // The corrections between the two are not known here; each edit is dated after the version before it (ENG-10).
  return timeOf(now, now.correction) > timeOf(known, known.correction)
}

const timeOf = (
  { updatedAt }: Observation,
  { correctedAt }: NonNullable<Observation['correction']>,
): number => instantMicros(updatedAt ?? correctedAt)
