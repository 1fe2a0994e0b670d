import type { Downstream, SyncConflict } from '@fieldsync/contracts'
import { combineDigests } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import { readMeta, writeMeta } from '../core/engine-meta.ts'
import type { SentEntry } from '../core/local-record.ts'
import type { WriteTransaction } from '../core/local-store.ts'
import { instantOf } from '../core/observation-draft.ts'
import { startFullPull } from './full-pull.ts'

/** A copy that differs from the server's; `healing` says whether a full pull was started for it. */
export type Drift = { serverHash: string; deviceHash: string; healing: boolean }

// After a full pull that did not help, the next one waits: an hour, then twice as long each time, at most a day.
const FIRST_WAIT = 60 * 60_000
const LONGEST_WAIT = 24 * FIRST_WAIT

/**
 * Compares the device's state hash with the server's at the head of the log, where nothing waits to be sent (HSH-5).
 * Called when the page is applied. A difference that a full pull did not heal, or that came back after it, is tried again
 * ever more seldom, so that a mistake in either program does not make the device pull all day; it is reported once.
 */
export async function compareHashes(
  context: EngineContext,
  changeset: Changeset,
  transaction: WriteTransaction,
  { stateHash: serverHash, hasMore }: Downstream,
): Promise<Drift | null> {
  const { stateHash: deviceHash } = changeset.position
  if (serverHash === undefined || hasMore || changeset.queue.pending > 0) return null
  const [healing] = await readMeta(transaction, ['healing'])
  if (serverHash === deviceHash) {
    await writeMeta(transaction, 'healing', undefined)
    return null
  }
  const now = context.clock.now()
  const difference = combineDigests(serverHash, deviceHash)
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** ((healing?.failures ?? 1) - 1))
  const tooSoon = healing !== undefined && now >= healing.at && now - healing.at < wait
  if (tooSoon && healing.difference === difference) return null
  if (tooSoon) await writeMeta(transaction, 'healing', { ...healing, difference })
  else await startFullPull(changeset, transaction, 'drift')
  await writeMeta(transaction, 'drift', { noticedAt: instantOf(now), serverHash, deviceHash })
  return { serverHash, deviceHash, healing: !tooSoon }
}

/**
 * A server without state hashes shows by an orphan that it lost an observation without a word: a full pull finds what
 * else, and what of it goes out again (ENG-59). While pages follow, its tombstone may be on one of them.
 */
export async function pullForOrphans(
  changeset: Changeset,
  transaction: WriteTransaction,
  sent: readonly SentEntry[],
  conflicts: readonly SyncConflict[],
  { stateHash, hasMore, observations }: Downstream,
): Promise<void> {
  if (stateHash !== undefined || hasMore) return
  const orphans = new Set(
    conflicts.filter(({ code }) => code === 'RECOMMENDATION_ORPHAN').map(({ entityId }) => entityId),
  )
  const missed = sent.flatMap(({ entry: { id, document } }) =>
    'recommendationId' in document && orphans.has(id) ? [document.observationId] : [],
  )
  const brought = new Set(observations.map(({ observationId }) => observationId))
  for (const id of missed) {
    const { server } = await changeset.read('observation', id)
    if (server !== null && !brought.has(server.observationId))
      return startFullPull(changeset, transaction, 'drift')
  }
}
