import type { Device, ErrorCode, SyncId } from '@fieldsync/contracts'

import type { EngineContext } from '../core/engine-context.ts'
import type { ProblemDetail, Progress } from '../core/engine-status.ts'
import type { Credentials, Random, Transport } from '../core/ports.ts'
import type { FailedCall } from '../push/bisect.ts'
import type { Redirected } from '../push/send-call.ts'

/** What a sync run needs beside the store. */
export type SyncRunOptions = {
  context: EngineContext
  transport: Transport
  random: Random
  credentials: Credentials | undefined
  device: () => Device
  onWipe: (() => Promise<void>) | undefined
  /** Aborts when the engine stops, the network goes, or another tab takes over. */
  signal: AbortSignal
  onProgress: (progress: Progress) => void
  /** The server asked for a pause of so many milliseconds. */
  onRetryAfter: (milliseconds: number, problem: string) => void
}

/** What a sync run remembers; what must outlive a crash is in the store. */
export type SyncRunState = {
  /** There may be more to pull. */
  pull: boolean
  /** An answer was taken over. */
  hasApplied: boolean
  /** Send nothing before the next pull is done. */
  pullBeforePush: boolean
  /** The server does not let this device send: the refusal is reported when the pull is done. */
  forbidden: SyncOutcome | null
  /** What refusals of the credential required and was carried out (ENG-28). */
  renewed: Set<string>
  reportDropped: boolean
  resets: number
  rebindings: number
  superseded: number
  /** A call that was not answered, and why, while a smallest pull asks whether any is. */
  doubted: { failed: FailedCall; reason: string } | null
  /** Such a pull was answered: the next call that is not is doubted at once. */
  searching: boolean
  /** Places of the suspects that were sent again, alone. */
  resent: Set<string>
  /** The server has to say who it is before anything else. */
  needsSession: boolean
  /** The store has to prove by its cursor that it is the workspace's: nothing but a pull goes out (ENG-22). */
  proving: boolean
  /** The oldest contract version that refused a batch of this run for what it lacks (ENG-36). */
  atMost: string | null
  /** The batch in flight, where it was sent before the last answer was applied. */
  ahead: SyncId | null
  /** A call brought something, and did not only ask whether any is answered. */
  progressed: boolean
  progress: Progress
}

/**
 * How a sync run ended; `deferred` is retried, not before the server allows it, and sooner where the run has
 * `progressed` nevertheless.
 */
export type SyncOutcome =
  | { event: 'done' }
  | { event: 'deferred'; reason: string; retryAfterMs: number | null; progressed?: boolean }
  | { event: 'auth_required'; action: string | null; reason: string; detail?: ProblemDetail }
  | { event: 'failed'; code: ErrorCode | null; reason: string; detail?: ProblemDetail }
  | { event: 'lock_held' }

/** The end of a sync run at an address that redirects: a person has to enter another (ENG-54). */
export const redirectedEnd = ({ problem: reason, address }: Redirected): SyncOutcome => ({
  event: 'failed',
  code: null,
  reason,
  detail: { kind: 'redirected', address },
})
