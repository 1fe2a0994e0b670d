import { takePromoted, versionOf } from '../core/batch-ahead.ts'
import type { Changeset } from '../core/changeset.ts'
import type { BatchAhead } from '../core/engine-meta.ts'
import { type Call, loadInFlightBatch, markInFlight, saveInFlightBatch } from '../core/in-flight-batch.ts'
import type { EntityType, OutboxEntry, QueuedEntry } from '../core/local-record.ts'
import type { WriteTransaction } from '../core/local-store.ts'
import { bodyOf } from '../push/compose-batch.ts'

/** A batch ahead as this program has read and sent it; one that died has left it to the next. */
export type SentAhead = { body: string; queued: readonly QueuedEntry[] }

/**
 * The in-flight batch, to be sent again, or to be dealt with after anything but an answer: one that was a batch ahead is
 * stored whole from now on.
 *
 * @param sent where this program has sent it
 */
export async function resumeInFlight(
  changeset: Changeset,
  transaction: WriteTransaction,
  sent?: SentAhead,
): Promise<Call | undefined> {
  const { stored, promoted } = await loadInFlightBatch(transaction)
  if (!promoted) return stored
  await takePromoted(changeset, transaction, promoted)
  if (stored) {
    // An older build was at work, and may have sent its writes by itself (ENG-88).
    leaveUnsettled(changeset)
    return stored
  }
  const { after: _after, settled: _settled, head, versions: _versions, ...batch } = promoted
  const queued = await claimEntries(changeset, promoted, sent)
  if (!queued) return undefined
  const call = { ...batch, body: sent?.body ?? bodyOf(head, queued.map(textOf)) }
  await saveInFlightBatch(changeset, transaction, call)
  return call
}

/**
 * Takes the promoted batch out of the store as its answer is applied, with its records marked as on their way.
 *
 * @returns whether it can still be taken for the one that was answered
 */
export async function takeAnswered(
  changeset: Changeset,
  transaction: WriteTransaction,
  promoted: BatchAhead,
  sent: SentAhead | undefined,
): Promise<boolean> {
  await takePromoted(changeset, transaction, promoted)
  if (!(await claimEntries(changeset, promoted, sent))) return false
  markInFlight(changeset, promoted)
  return true
}

/**
 * The entries of a promoted batch, as they were sent. It is given up, and its entries are unsettled, where the answer before
 * it did not lead to the cursor that it was built on, where a write of it has left the outbox, or where its text is lost: it
 * was replaced, and the program that had sent it died.
 */
async function claimEntries(
  changeset: Changeset,
  { entries, versions, cursor }: BatchAhead,
  sent: SentAhead | undefined,
): Promise<QueuedEntry[] | undefined> {
  await changeset.load(entries)
  const keys = entries.map(({ key }) => key)
  for (const each of sent?.queued ?? []) if (isAsSent(changeset, each)) changeset.adopt(each)
  const queued = await changeset.entries(keys)
  const isReplaced = queued.map(({ entry }, i) => versionOf(entry.document) !== versions[i])
  const isWhole = queued.length === entries.length && (sent !== undefined || !isReplaced.includes(true))
  if (changeset.position.cursor !== cursor || !isWhole) {
    leaveUnsettled(changeset)
    return undefined
  }
  for (const [i, each] of queued.entries()) {
    const document = sent?.queued[i]?.entry.document
    if (isReplaced[i] && document) await queueBehind(changeset, each, document)
  }
  return changeset.entries(keys)
}

/**
 * What a record shows is its last queued write: where that is the one that was sent, nobody has to read it again. An edit has
 * another time (ENG-10), whichever build has stored it.
 */
function isAsSent(changeset: Changeset, { key, entry: { type, id, document } }: QueuedEntry): boolean {
  const { queued, local } = changeset.record<EntityType>(type, id)
  const version = versionOf(document)
  // A playbook is none of these, and only its documents have no version to compare.
  return queued.at(-1) === key && version !== null && version === versionOf(local as OutboxEntry['document'])
}

function leaveUnsettled({ queue }: Changeset): void {
  queue.unsettledBefore = queue.nextSequence
}

const textOf = ({ entry: { type, document } }: QueuedEntry) => ({ type, text: JSON.stringify(document) })

/**
 * An edit has replaced a write that had gone out, which did not count as being on its way yet (ENG-4): what was sent takes
 * its place again, and the edit is queued behind it.
 */
async function queueBehind(
  changeset: Changeset,
  { key, entry }: QueuedEntry,
  document: OutboxEntry['document'],
): Promise<void> {
  const { queued } = changeset.record(entry.type, entry.id)
  const later = await changeset.entries(queued.slice(queued.indexOf(key) + 1))
  for (const each of later) changeset.dequeue(each.key, each.entry)
  changeset.replaceEntry(key, { ...entry, document })
  for (const { since: _since, ...each } of [entry, ...later.map((one) => one.entry)]) changeset.enqueue(each)
}
