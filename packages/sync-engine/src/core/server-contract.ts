import type { Ledger } from './changeset.ts'
import { writeKept } from './engine-meta.ts'
import type { WriteTransaction } from './ports/local-store.ts'

/**
 * Remembers what the server speaks, as it has just announced (ENG-31). Undefined changes nothing: an intermediary may have taken
 * the header off an answer that tells nothing else about its server's version.
 */
export async function noteContract(
  ledger: Ledger,
  transaction: WriteTransaction,
  contract: string | undefined,
): Promise<void> {
  if (contract === undefined || contract === ledger.serverContract) return
  ledger.serverContract = contract
  if (ledger.contact) await writeKept(transaction, 'contact', { ...ledger.contact, contract })
}
