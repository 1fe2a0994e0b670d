import type { EngineStatus } from '@fieldsync/sync-engine'

import type { SyncProblem } from '../messages/problem-text.ts'
import type { KnownStore } from './known-stores.ts'

/** A store that is not in use, and how much of it no server has. */
export type OtherStore = {
  readonly store: KnownStore
  /** Writes that were never taken by a server. Null where the store cannot be read, and `problem` says why. */
  readonly unsent: number | null
  /** Records that a server had and has lost (ENG-41): they are sent by a person in the store's own connection alone. */
  readonly localOnly: number
  readonly problem: SyncProblem | null
  /** Its device was wiped: nothing is in it any more. */
  readonly isWiped: boolean
}

/** What a store's numbers say of it; a problem is shown only for a store that is to be sent. */
export const readStore = (
  store: KnownStore,
  { pending, conflicts, quarantined, localOnly, state, problem, problemDetail, wipe }: EngineStatus,
): OtherStore => ({
  store,
  unsent: pending + conflicts + quarantined,
  localOnly,
  problem: store.drain && problem !== null && wipe === null ? { state, problem, problemDetail } : null,
  isWiped: wipe?.step === 'done',
})

/** @param problem what the platform says of it */
export const unreadableStore = (store: KnownStore, problem: string): OtherStore => ({
  store,
  unsent: null,
  localOnly: 0,
  problem: { state: 'error', problem, problemDetail: null },
  isWiped: false,
})

/** True if a person has to know of it: it has something that no server has, or cannot be read (APP-60). */
export const isListed = ({ unsent, localOnly, problem }: OtherStore): boolean =>
  unsent !== 0 || localOnly > 0 || problem !== null
