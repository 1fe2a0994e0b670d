import type { Changeset } from './changeset.ts'
import { writeMeta } from './engine-meta.ts'
import type { WriteTransaction } from './local-store.ts'

/**
 * Remembers what the server speaks, as it has just announced (ENG-31). Undefined changes nothing: an intermediary may have taken
 * the header off an answer that shows nothing else of its server's version.
 */
export async function recordServerContract(
  changeset: Changeset,
  transaction: WriteTransaction,
  contract: string | undefined,
): Promise<void> {
  if (contract === undefined || contract === changeset.serverContract) return
  changeset.serverContract = contract
  if (changeset.contact) await writeMeta(transaction, 'contact', { ...changeset.contact, contract })
}
