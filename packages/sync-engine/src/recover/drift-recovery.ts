import { combineDigests } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import { type FullPull, readMeta, writeMeta } from '../core/engine-meta.ts'
import type { WriteTransaction } from '../core/ports/local-store.ts'

/**
 * At the end of a full pull: remembers what it left different, where the copies had been found to differ. Equal copies are
 * remembered too, until the next comparison finds them so: what the device sends again now may bring the difference
 * back, and a difference that comes back waits like one that stayed (ENG-47).
 */
export async function recordDriftRecovery(
  context: EngineContext,
  changeset: Changeset,
  transaction: WriteTransaction,
  { serverHash, reason }: FullPull,
): Promise<void> {
  const { stateHash } = changeset.position
  if (serverHash === null || (reason === 'cursor' && serverHash === stateHash)) {
    await writeMeta(transaction, 'healing', undefined)
    return
  }
  // What differs after a reset is found by the next comparison, and reported.
  if (reason === 'cursor') return
  const [before] = await readMeta(transaction, ['healing'])
  const difference = combineDigests(serverHash, stateHash)
  const failures = Math.min(10, (before?.failures ?? 0) + 1)
  await writeMeta(transaction, 'healing', { at: context.clock.now(), failures, difference })
}
