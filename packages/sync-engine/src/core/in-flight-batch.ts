import type { Changeset } from './changeset.ts'
import { readMeta, type InFlightBatch, writeMeta } from './engine-meta.ts'
import type { EntityType } from './local-record.ts'
import type { ReadTransaction, WriteTransaction } from './local-store.ts'

/** One call that is ready to go out. Without entries it is a pull. */
export type Call = InFlightBatch & { body: string }

/** Stores a call before its first byte goes out, and marks its records as being on their way. */
export async function saveInFlightBatch(
  changeset: Changeset,
  transaction: WriteTransaction,
  { body, ...batch }: Call,
): Promise<void> {
  for (const { type, id } of batch.entries) {
    const record = changeset.record<EntityType>(type, id)
    changeset.put({ ...record, inFlight: record.inFlight + 1 })
  }
  await writeMeta(transaction, 'snapshot', batch)
  await writeMeta(transaction, 'snapshotBody', body)
}

/** The stored call, if there is one. */
export async function loadInFlightBatch(transaction: ReadTransaction): Promise<Call | undefined> {
  const [batch, body] = await readMeta(transaction, ['snapshot', 'snapshotBody'])
  return batch && body !== undefined ? { ...batch, body } : undefined
}

/** It was answered, or is given up. */
export async function clearInFlightBatch(transaction: WriteTransaction): Promise<void> {
  await writeMeta(transaction, 'snapshot', undefined)
  await writeMeta(transaction, 'snapshotBody', undefined)
}

/**
 * Gives a stored batch up: its entries are pending again, and go out under a new `syncId`. An earlier send of it may
 * have been decided on and its answer lost, so the entries count as unsettled from now on, and with them those of a batch
 * ahead, which is nobody's then.
 */
export async function discardInFlightBatch(
  changeset: Changeset,
  transaction: WriteTransaction,
  { entries }: InFlightBatch,
): Promise<void> {
  await changeset.load(entries)
  for (const { type, id } of entries) {
    changeset.put({ ...changeset.record<EntityType>(type, id), inFlight: 0 })
  }
  if (entries.length > 0) changeset.queue.unsettledBefore = changeset.queue.nextSequence
  await clearInFlightBatch(transaction)
}
