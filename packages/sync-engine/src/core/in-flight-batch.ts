import type { Ledger } from './changeset.ts'
import { readKept, type Snapshot, writeKept } from './engine-meta.ts'
import type { EntityType } from './local-record.ts'
import type { ReadTransaction, WriteTransaction } from './ports/local-store.ts'

/** One call that is ready to go out. Without entries it is a pull. */
export type Call = Snapshot & { body: string }

/** Stores a call before its first byte goes out, and marks its records as being on their way. */
export async function keepSnapshot(
  ledger: Ledger,
  transaction: WriteTransaction,
  { body, ...snapshot }: Call,
): Promise<void> {
  for (const { type, id } of snapshot.entries) {
    const record = ledger.record<EntityType>(type, id)
    ledger.put({ ...record, inFlight: record.inFlight + 1 })
  }
  await writeKept(transaction, 'snapshot', snapshot)
  await writeKept(transaction, 'snapshotBody', body)
}

/** The stored call, if there is one. */
export async function keptSnapshot(transaction: ReadTransaction): Promise<Call | undefined> {
  const [snapshot, body] = await readKept(transaction, ['snapshot', 'snapshotBody'])
  return snapshot && body !== undefined ? { ...snapshot, body } : undefined
}

/** It was answered, or is given up. */
export async function forgetSnapshot(transaction: WriteTransaction): Promise<void> {
  await writeKept(transaction, 'snapshot', undefined)
  await writeKept(transaction, 'snapshotBody', undefined)
}

/**
 * Gives a stored batch up: its entries are pending again, and go out under a new `syncId`. An earlier send of it may
 * have been judged and its answer lost, so the entries count as unsettled from now on.
 */
export async function abandonSnapshot(
  ledger: Ledger,
  transaction: WriteTransaction,
  { entries }: Snapshot,
): Promise<void> {
  await ledger.load(entries)
  for (const { type, id } of entries) {
    ledger.put({ ...ledger.record<EntityType>(type, id), inFlight: 0 })
  }
  if (entries.length > 0) ledger.queue.unsettledBefore = ledger.queue.nextSequence
  await forgetSnapshot(transaction)
}
