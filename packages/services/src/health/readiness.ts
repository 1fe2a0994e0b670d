import { checkWritable, NotWritableError } from '@fieldsync/db'

import type { Runtime } from '../core/runtime.ts'

/** Why a server cannot take requests: its database, the tables in it, or their schema. */
export type NotReady = { readonly reason: 'database' | 'tables' | 'schema'; readonly message: string }

/** How long an outcome is valid, milliseconds: probes of load balancers share it. */
const VALID_MS = 2000
/** A database that has gone silent keeps a probe for longer than a load balancer waits. */
const LIMIT_MS = 9000

/**
 * Whether this server can serve every operation now (MON-7): commits complete, the tables can be written, and the schema is
 * that of its build. Cheap to call: one probe at a time, whose outcome is shared.
 */
export class Readiness {
  readonly #runtime: Runtime
  #last: { ended: number; readonly outcome: Promise<NotReady | undefined> } | undefined

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /** What is in the way; undefined where nothing is. */
  async check(): Promise<NotReady | undefined> {
    const late = Promise.withResolvers<NotReady>()
    const timer = setTimeout(
      () => late.resolve({ reason: 'database', message: `no outcome within ${LIMIT_MS} ms` }),
      LIMIT_MS,
    )
    return await Promise.race([this.#outcome(), late.promise]).finally(() => clearTimeout(timer))
  }

  #outcome(): Promise<NotReady | undefined> {
    if (this.#last && performance.now() - this.#last.ended <= VALID_MS) return this.#last.outcome
    const last = { ended: Number.POSITIVE_INFINITY, outcome: this.#look() }
    void last.outcome.finally(() => (last.ended = performance.now()))
    this.#last = last
    return last.outcome
  }

  async #look(): Promise<NotReady | undefined> {
    const { db } = this.#runtime
    try {
      // First: while commits hang, a transaction would take one more connection.
      await db.monitor.check()
      await checkWritable(db)
      return undefined
    } catch (error) {
      const reason = error instanceof NotWritableError ? error.what : 'database'
      return { reason, message: error instanceof Error ? error.message : String(error) }
    }
  }
}
