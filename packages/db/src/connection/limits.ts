/** Time limits of a connection to the database, milliseconds (RUN-13). */
export type ConnectionLimits = {
  /** To be opened, and how long a caller waits for a free one of a pool; default 5,000. */
  readonly connectMs: number
  /** One statement, enforced by the database, which cancels it before its commit; default 30,000. */
  readonly statementMs: number
  /**
   * Silence of the database while an answer is due; default 3,000 more than a statement may take. A working database
   * has answered by then, so the connection is closed.
   */
  readonly silenceMs: number
  /** A pooled connection, so that it follows the address to another server; default 60,000. */
  readonly lifetimeMs: number
}

// A peer that vanished without closing the connection is detected on an idle connection too, half a minute after its
// last byte.
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 }

const SILENCE_BEYOND_STATEMENT_MS = 3000

/** The given limits, and the defaults of the others. */
export function connectionLimits(given: Partial<ConnectionLimits> = {}): ConnectionLimits {
  const statementMs = given.statementMs ?? 30_000
  return {
    connectMs: 5000,
    silenceMs: statementMs + SILENCE_BEYOND_STATEMENT_MS,
    lifetimeMs: 60_000,
    ...given,
    statementMs,
  }
}
