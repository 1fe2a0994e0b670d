import type { DeviceId, PlaybookPatch } from '@fieldsync/contracts'
import { mayWriteFor } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import { type EntityType, isBlocked, type OutboxEntry, recordKey } from '../core/local-record.ts'

/** What is sent again after a restore waits for what it rests on (CUR-8). */
export type ResendRules = {
  /** Whether what was queued again at this time still waits, milliseconds on the device's clock. */
  stillWaits: (queuedAt: number) => boolean
  /** Whether this device may create again an observation that another has made. */
  mayWriteFor: (author: DeviceId) => boolean
}

/** By the device's clock as it is now, and its settings. */
export const resendRules = ({ clock, settings, actor }: EngineContext): ResendRules => {
  const now = clock.now()
  return {
    // What a clock far ahead queued must not wait until that time has come.
    stillWaits: (queuedAt) => Math.abs(now - queuedAt) < settings.resendLostFor,
    mayWriteFor: (author) => mayWriteFor(actor, author),
  }
}

/** What is known while a batch is put together. */
export type Hold = {
  /** The places of entries that wait, since the server failed on each. */
  suspects: readonly string[]
  /** Records of which an entry waits: nothing later of them may overtake it. */
  waiting: Set<string>
  /** Record → place of its last picked entry; a playbook stands for the patches on it. */
  picked: Map<string, string>
  /** Entries before this position may have been decided on before. */
  unsettledBefore: string
  resend: ResendRules
}

/** True if the entry has to wait for a later batch, or for a person (ENG-5). Its records must be loaded. */
export function holdOf(changeset: Changeset, hold: Hold, key: string, entry: OutboxEntry): boolean {
  const own = recordKey(entry.type, entry.id)
  const waits =
    hold.suspects.includes(key) ||
    hold.waiting.has(own) ||
    (isBlocked(changeset.record<EntityType>(entry.type, entry.id)) && entry.offer !== true) ||
    sharesUnsettled(hold, own) ||
    lacksObservation(changeset, hold, entry) ||
    waitsForAuthor(changeset, hold, entry) ||
    // A question builds on nothing, and nothing builds on it.
    ('patchId' in entry.document && entry.asks !== true && breaksChain(changeset, hold, key, entry.document))
  if (waits) hold.waiting.add(own)
  return waits
}

// Where an entry may have been decided on before, an answer could not be distinguished from one about the entry behind it.
function sharesUnsettled(hold: Hold, own: string): boolean {
  return (hold.picked.get(own) ?? hold.unsettledBefore) < hold.unsettledBefore
}

/**
 * Its observation is not on the server, and will not be before it: the server would call it an orphan. One that is only on
 * this device comes back by a person alone (ENG-70), and may be refused as a first write (OBS-2): what rests on it goes out
 * behind its answer. What is sent again waits for the device that brings an observation that was never seen here too
 * (CUR-8). A new recommendation on one of those does not: only the server knows whether it has that.
 */
function lacksObservation(
  changeset: Changeset,
  hold: Hold,
  { document, offer, writtenAt }: OutboxEntry,
): boolean {
  if (!('recommendationId' in document)) return false
  const observation = changeset.record('observation', document.observationId)
  const { server, queued, localOnly } = observation
  if (isBlocked(observation)) return true
  if (server !== null) return false
  if (localOnly !== undefined) return true
  const isDue = queued.length > 0 || (offer === true && hold.resend.stillWaits(writtenAt))
  return isDue && !hold.picked.has(recordKey('observation', document.observationId))
}

/**
 * Another's observation that the server lost: only its author may create it again (OBS-2), whose device sends it again. Then
 * this version goes out on top.
 */
function waitsForAuthor(
  changeset: Changeset,
  { resend }: Hold,
  { document, offer, writtenAt }: OutboxEntry,
): boolean {
  if (offer !== true || !resend.stillWaits(writtenAt) || !('rawNoteText' in document)) return false
  const { observationId, deviceId } = document
  return changeset.record('observation', observationId).server === null && !resend.mayWriteFor(deviceId)
}

/**
 * A patch waits while a person looks at an earlier one on the same playbook; and behind a first patch whose base is not
 * the server's version any more, since that one will be rebased and the chain with it.
 */
function breaksChain(
  changeset: Changeset,
  hold: Hold,
  key: string,
  { playbookId, baseVersion }: PlaybookPatch,
): boolean {
  const playbook = changeset.record('playbook', playbookId)
  const chain = recordKey('playbook', playbookId)
  if (isBlocked(playbook) || hold.waiting.has(chain)) return true
  if (playbook.server !== null && baseVersion !== playbook.server.version && !hold.picked.has(chain)) {
    hold.waiting.add(chain)
  }
  hold.picked.set(chain, key)
  return false
}

/**
 * Takes a recommendation out of the outbox that is sent again and has waited 30 days (CUR-8) for an observation that is only
 * on this device: it is marked as only on this device, too (ENG-70). One with a later write stays queued with that. Its
 * records must be loaded.
 *
 * @returns whether it did
 */
export function staysWithObservation(
  changeset: Changeset,
  { stillWaits }: ResendRules,
  key: string,
  entry: OutboxEntry,
): boolean {
  const { document, offer, writtenAt } = entry
  if (!('recommendationId' in document) || offer !== true || stillWaits(writtenAt)) return false
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
