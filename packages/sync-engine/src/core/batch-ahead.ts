import type { SyncId } from '@fieldsync/contracts'

import type { Changeset } from './changeset.ts'
import { type BatchAhead, readMeta, writeMeta } from './engine-meta.ts'
import type { Call } from './in-flight-batch.ts'
import type { OutboxEntry, QueuedEntry } from './local-record.ts'
import type { WriteTransaction } from './local-store.ts'

/**
 * Stores a batch before its first byte goes out, while the answer to the one before it is not applied yet (ENG-87). Its text is
 * stored as the head alone, since its entries lie in the outbox as they are sent.
 *
 * @param head of its body
 * @param queued its entries
 * @param after the in-flight batch
 * @param promoted the same where it was a batch ahead
 */
export async function saveBatchAhead(
  changeset: Changeset,
  transaction: WriteTransaction,
  { body: _body, ...batch }: Call,
  { head, queued }: { head: string; queued: readonly QueuedEntry[] },
  after: SyncId,
  promoted: BatchAhead | undefined,
): Promise<void> {
  const { nextSequence: meanwhile } = changeset.queue
  if (promoted) settle(changeset, promoted)
  const before = changeset.queue.unsettledBefore
  changeset.queue.unsettledBefore = meanwhile
  const versions = queued.map(({ entry }) => versionOf(entry.document))
  await writeMeta(transaction, 'ahead', { ...batch, after, head, versions, settled: { before, meanwhile } })
}

/** What distinguishes two writes in one place of the outbox: an edit is always later than what it replaces (ENG-10). */
export const versionOf = (document: OutboxEntry['document']): string | null =>
  'updatedAt' in document ? (document.updatedAt ?? null) : null

/** It is given up, or is the in-flight batch by now. */
export const clearBatchAhead = (transaction: WriteTransaction): Promise<void> =>
  writeMeta(transaction, 'ahead', undefined)

/**
 * Takes the batch ahead out of the store as the answer to the in-flight one is applied; undefined where there is none. One
 * that follows another batch is nobody's any more (ENG-88): its entries stay unsettled.
 *
 * @param after the in-flight batch
 */
export async function takeBatchAhead(
  changeset: Changeset,
  transaction: WriteTransaction,
  after: SyncId,
): Promise<BatchAhead | undefined> {
  const [ahead] = await readMeta(transaction, ['ahead'])
  if (!ahead) return undefined
  await clearBatchAhead(transaction)
  if (ahead.after !== after) return undefined
  settle(changeset, ahead)
  return ahead
}

/**
 * Makes the batch ahead the in-flight one, in the transaction that has applied the answer before it (ENG-87). It stays stored
 * as it is: its records are marked, and its text is stored, only where something else than a plain answer follows
 * (`pull/resume-in-flight.ts`). To an older build its entries stay unsettled.
 */
export async function savePromoted(
  changeset: Changeset,
  transaction: WriteTransaction,
  ahead: BatchAhead,
): Promise<void> {
  const { queue } = changeset
  queue.unsettledBefore = Math.max(queue.unsettledBefore, ahead.settled.meanwhile)
  await writeMeta(transaction, 'promoted', ahead)
}

/** Takes the in-flight batch that was a batch ahead out of the store. */
export async function takePromoted(
  changeset: Changeset,
  transaction: WriteTransaction,
  promoted: BatchAhead,
): Promise<void> {
  await writeMeta(transaction, 'promoted', undefined)
  settle(changeset, promoted)
}

/** Its entries are no longer unsettled for its sake. */
function settle({ queue }: Changeset, { settled: { before, meanwhile } }: BatchAhead): void {
  if (queue.unsettledBefore === meanwhile) queue.unsettledBefore = before
}
