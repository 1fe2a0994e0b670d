import { versionOf } from '../core/batch-ahead.ts'
import type { Changeset } from '../core/changeset.ts'
import type { BatchAhead } from '../core/engine-meta.ts'
import { saveInFlightBatch } from '../core/in-flight-batch.ts'
import type { OutboxEntry, QueuedEntry } from '../core/local-record.ts'
import type { WriteTransaction } from '../core/local-store.ts'
import { bodyOf } from '../push/compose-batch.ts'

/** A batch ahead as this program has sent it; one that died has left it to the next. */
export type SentAhead = { body: string; documents: readonly OutboxEntry['document'][] }

/**
 * Makes the batch ahead the in-flight one, in the transaction that has applied the answer before it (ENG-87). It is given up,
 * and its entries are unsettled, where that answer did not lead to the cursor that it was built on, where a write of it has
 * left the outbox, or where its text is lost: it was replaced, and the program that had sent it died.
 *
 * @returns whether it is the in-flight batch now
 */
export async function promoteAhead(
  changeset: Changeset,
  transaction: WriteTransaction,
  { after: _after, settled: _settled, head, versions, ...batch }: BatchAhead,
  sent: SentAhead | undefined,
): Promise<boolean> {
  const queued = await changeset.entries(batch.entries.map(({ key }) => key))
  const isReplaced = queued.map(({ entry }, i) => versionOf(entry.document) !== versions[i])
  const isWhole = queued.length === batch.entries.length && (sent !== undefined || !isReplaced.includes(true))
  if (changeset.position.cursor !== batch.cursor || !isWhole) {
    changeset.queue.unsettledBefore = changeset.queue.nextSequence
    return false
  }
  await changeset.load(batch.entries)
  for (const [i, each] of queued.entries()) {
    const document = sent?.documents[i]
    if (isReplaced[i] && document) await queueBehind(changeset, each, document)
  }
  const body = sent?.body ?? bodyOf(head, queued.map(textOf))
  await saveInFlightBatch(changeset, transaction, { ...batch, body })
  return true
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
