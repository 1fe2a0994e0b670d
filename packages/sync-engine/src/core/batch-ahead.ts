import type { SyncId } from '@fieldsync/contracts'

import type { Changeset } from './changeset.ts'
import { type BatchAhead, readMeta, writeMeta } from './engine-meta.ts'
import type { Call } from './in-flight-batch.ts'
import type { OutboxEntry } from './local-record.ts'
import type { WriteTransaction } from './local-store.ts'

/**
 * Stores a batch before its first byte goes out, while the answer to the one before it is not applied yet (ENG-87). Its text is
 * stored as the head alone, since its entries lie in the outbox as they are sent.
 *
 * @param head of its body
 * @param documents of its entries
 * @param after the in-flight batch
 */
export async function saveBatchAhead(
  changeset: Changeset,
  transaction: WriteTransaction,
  { body: _body, ...batch }: Call,
  { head, documents, after }: { head: string; documents: readonly OutboxEntry['document'][]; after: SyncId },
): Promise<void> {
  const { unsettledBefore: before, nextSequence: meanwhile } = changeset.queue
  changeset.queue.unsettledBefore = meanwhile
  const versions = documents.map(versionOf)
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
  const { before, meanwhile } = ahead.settled
  if (changeset.queue.unsettledBefore === meanwhile) changeset.queue.unsettledBefore = before
  return ahead
}
