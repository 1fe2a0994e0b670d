import type { Changeset } from '../core/changeset.ts'
import { type Call, saveInFlightBatch } from '../core/in-flight-batch.ts'
import type { OutboxEntry, QueuedEntry } from '../core/local-record.ts'
import type { WriteTransaction } from '../core/local-store.ts'
import { documentsIn } from './sent-entries.ts'

/**
 * Makes the batch ahead the in-flight one, in the transaction that has applied the answer before it (ENG-87). It is given up,
 * and its entries are unsettled, where that answer did not lead to the cursor that it was built on, or where a write of it
 * has left the outbox.
 *
 * @returns whether it is the in-flight batch now
 */
export async function promoteAhead(
  changeset: Changeset,
  transaction: WriteTransaction,
  call: Call,
): Promise<boolean> {
  const queued = await changeset.entries(call.entries.map(({ key }) => key))
  if (changeset.position.cursor !== call.cursor || queued.length < call.entries.length) {
    changeset.queue.unsettledBefore = changeset.queue.nextSequence
    return false
  }
  await changeset.load(call.entries)
  const replaced = replacedIn(call, queued)
  const sent = documentsIn(call, replaced)
  for (const each of queued) {
    const document = sent.get(each.key)
    if (document) await queueBehind(changeset, each, document)
  }
  await saveInFlightBatch(changeset, transaction, call)
  return true
}

/** Places of the entries that are not as they were sent. */
function replacedIn({ body }: Call, queued: readonly QueuedEntry[]): string[] {
  const replaced: string[] = []
  let at = 0
  for (const { key, entry } of queued) {
    const text = JSON.stringify(entry.document)
    // A record's text holds its id, so that it is found at its own place or nowhere.
    const found = body.indexOf(text, at)
    if (found < 0) replaced.push(key)
    else at = found + text.length
  }
  return replaced
}

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
