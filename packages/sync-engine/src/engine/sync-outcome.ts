import type { ErrorCode } from '@fieldsync/contracts'

import type { ProblemDetail } from '../core/engine-status.ts'
import type { Redirected } from '../push/send-call.ts'

/**
 * How a cycle ended; `deferred` tries again by itself, not before the server's wish, and sooner where the cycle has
 * `progressed` nevertheless.
 */
export type CycleEnd =
  | { event: 'done' }
  | { event: 'deferred'; reason: string; retryAfterMs: number | null; progressed?: boolean }
  | { event: 'auth_required'; action: string | null; reason: string }
  | { event: 'failed'; code: ErrorCode | null; reason: string; detail?: ProblemDetail }
  | { event: 'lock_held' }

/** The end of a sync run at an address that redirects: a person has to enter another (ENG-54). */
export const redirectedEnd = ({ problem: reason, address }: Redirected): CycleEnd => ({
  event: 'failed',
  code: null,
  reason,
  detail: { kind: 'redirected', address },
})
