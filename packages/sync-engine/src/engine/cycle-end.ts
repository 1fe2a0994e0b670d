import type { ErrorCode } from '@fieldsync/contracts'

import type { ProblemDetail } from './engine-status.ts'

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
