import type { Observation, Recommendation } from '@fieldsync/contracts'
import { isSameJson } from '@fieldsync/domain'

import type { Changeset } from './changeset.ts'
import type { EngineContext } from './engine-context.ts'
import { type EntityType, type OutboxEntry, positionOf } from './local-record.ts'
import { mergeEdit } from './merge-edit.ts'
import { editTime, stampObservation } from './observation-draft.ts'

/** What becomes of a write that was queued behind the one that comes back. */
type Follow = (entry: OutboxEntry) => OutboxEntry

/** A write of a record, by where it was made. */
export type Place = { type: 'observation' | 'recommendation'; id: string; place: string }

/** The version that a resolved write comes on top of: of the queued ones that were made before it the last, else the server's. */
export async function versionBefore(
  changeset: Changeset,
  { type, id, place }: Place,
): Promise<OutboxEntry['document'] | null> {
  const { queued, server } = changeset.record(type, id)
  const before = (await changeset.entries(queued)).findLast((each) => positionOf(each) < place)
  return before?.entry.document ?? server
}

/**
 * Queues a resolved write where it was made: behind the queued ones that were made before it, in front of the others,
 * which move to the end of the outbox with it; what rests on the record is held back until they are through. The records
 * must be loaded.
 *
 * @param follow changes the later writes along with it; they may get another id
 */
export async function requeue(
  changeset: Changeset,
  { type, id, place }: Place,
  first: OutboxEntry,
  follow: Follow,
): Promise<void> {
  const queued = await changeset.entries(changeset.record<EntityType>(type, id).queued)
  const later = queued.filter((each) => positionOf(each) > place)
  for (const { key, entry } of later) changeset.dequeue(key, entry)
  changeset.enqueue({ ...first, since: place })
  for (const each of later) changeset.enqueue({ ...follow(each.entry), since: positionOf(each) })
}

/**
 * Later corrections supersede the version that was written before them, by its checksum; when that one changes, so does
 * what they name (OBS-10).
 */
export function relinked(
  entry: OutboxEntry,
  before: Pick<Observation, 'deterministicChecksum'>,
  after: Pick<Observation, 'deterministicChecksum'>,
): OutboxEntry {
  const { document } = entry
  if (!('rawNoteText' in document) || !document.correction) return entry
  if (document.correction.supersedes !== before.deterministicChecksum) return entry
  const correction = { ...document.correction, supersedes: after.deterministicChecksum }
  return { ...entry, document: { ...document, correction } }
}

/**
 * Later writes were made on top of the losing one; when another version is sent in its place they go on from that: each
 * keeps what it changed, and takes the rest from what is sent before it (ENG-40).
 */
export function followEdit(
  { clock, sha256 }: EngineContext,
  losing: Observation | Recommendation,
  sent: Observation | Recommendation,
): Follow {
  let before = losing
  let after = sent
  return (entry) => {
    const { document } = entry
    if ('patchId' in document || isSameJson(before, after)) return entry
    const merged = mergeEdit(before, document, after).document
    const now = clock.now()
    // All are versions of one record.
    const followed =
      'recommendationId' in merged
        ? { ...merged, updatedAt: editTime(now, after, merged) }
        : stampObservation(merged, after as Observation, now, sha256)
    before = document
    after = followed
    return { ...entry, document: followed }
  }
}
