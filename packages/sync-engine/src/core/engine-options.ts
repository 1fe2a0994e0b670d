import type { Device } from '@fieldsync/contracts'
import type { PlaybookGrant, Role, Sha256 } from '@fieldsync/domain'

import type { LocalStore } from './local-store.ts'
import type { Clock, Connectivity, Credentials, Ids, LivePoke, Random, Transport } from './ports.ts'

/** What an engine works with. Everything that differs between a phone, a browser and a test comes in here. */
export type SyncEngineOptions = {
  store: LocalStore
  transport: Transport
  clock: Clock
  ids: Ids
  random: Random
  /** SHA-256 of a text, in lower-case hex. */
  sha256: Sha256
  /** The device as it describes itself; `lastSyncAt` is filled in by the engine. Asked for every batch. */
  device: () => Device
  connectivity?: Connectivity
  credentials?: Credentials
  poke?: LivePoke
  /**
   * What the device's credential may do, for the likely conflict of a write; the server decides. Default `agronomist`. A
   * function is asked each time, since a role may change while the engine runs.
   */
  role?: Role | (() => Role | undefined)
  /**
   * What the caller was granted in playbooks, by its last session, for the likely conflict of a patch. Undefined where the server
   * has not said, as one from before there were grants: then only the role counts. A function is asked each time.
   */
  grants?: () => readonly PlaybookGrant[] | undefined
  /** Whether a change of a playbook takes a second person, by the last session (PUB-11); for the likely conflict of a patch. */
  fourEyes?: () => boolean
  settings?: Partial<EngineSettings>
  /**
   * The device is being wiped: deletes what the program has stored of it beside the store, such as text in progress. Called
   * before the wipe is acknowledged, again after a crash, and until it resolves (ENG-81).
   */
  onWipe?: () => Promise<void>
  /** A listener of events threw, or an adapter: the engine goes on, and hands the error over here. */
  onListenerError?: (error: unknown) => void
}

/** Numbers that a program may change. Times are milliseconds. */
export type EngineSettings = {
  /** Most records of one batch. */
  batchRecords: number
  /** Most bytes of the records of one batch. */
  batchBytes: number
  /**
   * Batches that are stored at most (ENG-3): 2, so that one is on its way while the answer to the one before is applied, or 1.
   */
  storedBatches: 1 | 2
  /** Records of a page of answers, 1..1000. */
  pageRecords: number
  /** How often to sync when nothing else asks for it. */
  interval: number
  /** Sends of one batch in one sync run. */
  attempts: number
  /** The first wait between two sends; it doubles, and the real one is drawn from 0 to it. */
  firstBackoff: number
  /** Longest wait between two sends of one sync run; a server that asks for more defers the run. */
  longestBackoff: number
  /** The first wait after a deferred sync run; it doubles up to a quarter of an hour. */
  firstDeferral: number
  /** How long acknowledged writes are sent again to a server that lost them. */
  resendLostFor: number
}

export const DEFAULT_SETTINGS: EngineSettings = {
  batchRecords: 500,
  batchBytes: 4 * 1024 * 1024,
  storedBatches: 2,
  pageRecords: 500,
  interval: 5 * 60_000,
  attempts: 3,
  firstBackoff: 1_000,
  longestBackoff: 30_000,
  firstDeferral: 15_000,
  resendLostFor: 30 * 24 * 60 * 60_000,
}
