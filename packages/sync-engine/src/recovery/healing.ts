import { combineDigests } from '@fieldsync/domain'

import type { EngineContext } from '../engine/engine-context.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type FullPull, readKept, writeKept } from '../model/kept-values.ts'
import type { WriteTransaction } from '../ports/local-store.ts'

/** At the end of a full pull: remembers whether the copies are equal now, where they had been found to differ. */
export async function noteHealed(
  context: EngineContext,
  ledger: Ledger,
  transaction: WriteTransaction,
  { serverHash, reason }: FullPull,
): Promise<void> {
  const { stateHash } = ledger.position
  if (serverHash === null || serverHash === stateHash) {
    await writeKept(transaction, 'healing', undefined)
    return
  }
  // What differs after a reset is found by the next comparison, and reported.
  if (reason === 'cursor') return
  const [before] = await readKept(transaction, ['healing'])
  const difference = combineDigests(serverHash, stateHash)
  const failures = Math.min(10, (before?.failures ?? 0) + 1)
  await writeKept(transaction, 'healing', { at: context.clock.now(), failures, difference })
}
