import type { ErrorCode } from '@fieldsync/contracts'

/** How a cycle ended; `deferred` tries again by itself, not before the server's wish. */
export type CycleEnd =
  | { event: 'done' }
  | { event: 'deferred'; reason: string; retryAfterMs: number | null }
  | { event: 'auth_required'; action: string | null; reason: string }
  | { event: 'failed'; code: ErrorCode | null; reason: string }
  | { event: 'lock_held' }
