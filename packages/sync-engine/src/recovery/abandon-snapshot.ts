import type { Ledger } from '../ledger/ledger.ts'
import type { Snapshot } from '../model/kept-values.ts'
import type { EntityType } from '../model/local-record.ts'
import { forgetSnapshot } from '../outbox/snapshot.ts'
import type { WriteTransaction } from '../ports/local-store.ts'

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
