import { isBlocked } from '../core/blank-record.ts'
import type { Changeset } from '../core/changeset.ts'
import type { OutboxEntry } from '../core/outbox-entry.ts'
import type { ResendRules } from './hold.ts'

/**
 * Takes a recommendation out of the outbox that is sent again and has waited 30 days (CUR-8) for an observation that is only
 * on this device: it is marked as only on this device, too (ENG-70). One with a later write stays queued with that. Its
 * records must be loaded.
 *
 * @returns whether it did
 */
export function staysWithObservation(
  changeset: Changeset,
  { since }: ResendRules,
  key: string,
  entry: OutboxEntry,
): boolean {
  const { document, offer, writtenAt } = entry
  if (!('recommendationId' in document) || offer !== true || writtenAt > since) return false
  const observation = changeset.record('observation', document.observationId)
  const { server, localOnly, queued } = observation
  const isLeft = server === null && localOnly !== undefined && queued.length === 0 && !isBlocked(observation)
  const before = changeset.record('recommendation', document.recommendationId)
  if (!isLeft || before.queued.length > 1 || isBlocked(before)) return false
  changeset.dequeue(key, entry)
  const after = changeset.record('recommendation', document.recommendationId)
  changeset.put({ ...after, local: null, localOnly: after.localOnly ?? document })
  return true
}
