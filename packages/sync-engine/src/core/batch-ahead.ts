import type { SyncId } from '@fieldsync/contracts'

import type { Changeset } from './changeset.ts'
import { readMeta, writeMeta } from './engine-meta.ts'
import type { Call } from './in-flight-batch.ts'
import type { WriteTransaction } from './local-store.ts'

/**
 * Stores a batch before its first byte goes out, while the answer to the one before it is not applied yet (ENG-87).
 *
 * @param after the in-flight batch
 */
export async function saveBatchAhead(
  changeset: Changeset,
  transaction: WriteTransaction,
  { body, ...batch }: Call,
  after: SyncId,
): Promise<void> {
  const { unsettledBefore: before, nextSequence: meanwhile } = changeset.queue
  changeset.queue.unsettledBefore = meanwhile
  await writeMeta(transaction, 'ahead', { ...batch, after, settled: { before, meanwhile } })
  await writeMeta(transaction, 'aheadBody', body)
}

/** It is given up, or is the in-flight batch by now. */
export async function clearBatchAhead(transaction: WriteTransaction): Promise<void> {
  await transaction.delete('values', ['ahead', 'aheadBody'])
}

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
): Promise<Call | undefined> {
  const [ahead, body] = await readMeta(transaction, ['ahead', 'aheadBody'])
  if (!ahead) return undefined
  await clearBatchAhead(transaction)
  const { after: follows, settled, ...batch } = ahead
  if (follows !== after || body === undefined) return undefined
  if (changeset.queue.unsettledBefore === settled.meanwhile) changeset.queue.unsettledBefore = settled.before
  return { ...batch, body }
}
