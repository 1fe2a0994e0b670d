import type { ForeignStore } from './foreign-store.ts'
import type { WipeProgress } from './wipe.ts'

/** How far a running sync has come. */
export type Progress = { sent: number; received: number }

/**
 * What a program can know of a problem beside its text.
 * `redirected`: the address of the server redirects, to `address` (null where that cannot be read); nothing was sent there
 * (ENG-54).
 * `refused`: the server refused with an error code, as it sent it (a later server may send one that is unknown here), and
 * with the reason that the details of some codes have, as those of AUTH_REQUIRED and FORBIDDEN, and with the action that
 * AUTH_REQUIRED asks for.
 */
export type ProblemDetail =
  | { kind: 'redirected'; address: string | null }
  | { kind: 'refused'; code: string; reason: string | null; action: string | null }

/** The engine in one look. Instants are milliseconds since 1970 on the device's clock. */
export type EngineStatus = {
  state: EngineState
  /** Writes that the server has not decided on. */
  pending: number
  conflicts: number
  quarantined: number
  /** Records of which a version is only on this device: the server had it and no longer has (ENG-41). */
  localOnly: number
  lastSyncAt: number | null
  /**
   * How far this device's clock is ahead of the server's, to the minute, once it is off by 5 minutes or more; 0 while it
   * is not, or not known (ENG-57).
   */
  clockOffset: number
  /** When the engine tries again by itself after a failure; null otherwise. */
  nextTryAt: number | null
  /** Why the state is `sync_deferred`, `auth_required` or `error`: in English, for a log or the details of a message. */
  problem: string | null
  /** The same for programs, which describe it in the language of their user; null where there is no more to know. */
  problemDetail: ProblemDetail | null
  /** Null while no sync runs here. */
  progress: Progress | null
  /**
   * Set where the store is another owner's: the numbers above are what is unsent in it, and none of it is shown or sent here
   * before a person decides (`SyncEngine.foreign`).
   */
  foreign: ForeignStore | null
  /** Set once an admin lets this device be wiped: nothing is shown or written from then on (ENG-80). */
  wipe: WipeProgress | null
}

export const ENGINE_STATES = [
  'idle',
  'syncing',
  'sync_deferred',
  'offline',
  'auth_required',
  'error',
] as const
/**
 * What the engine is at: `sync_deferred` tries again by itself; `auth_required` waits for a credential; `error` needs
 * a person to look, and tries again with the timer.
 */
export type EngineState = (typeof ENGINE_STATES)[number]
