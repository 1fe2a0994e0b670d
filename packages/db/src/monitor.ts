import { setTimeout as delay } from 'node:timers/promises'

import type pg from 'pg'

import { ConnectionClosedError } from './connection/connection-closed-error.ts'
import { DatabaseOutOfOrderError } from './database-out-of-order-error.ts'
import { isStatementTimeout } from './unavailable.ts'

/** When the database counts as out of order, milliseconds (RUN-15, RUN-18). */
export type MonitorLimits = {
  /** A probe: a trivial read and an empty commit; default 5,000. */
  readonly heartbeatMs: number
  /** A running write; default 10,000. */
  readonly writeMs: number
  /** How long the outcome of a probe is valid, and the pause between two while writes are refused; default 1,000. */
  readonly everyMs: number
}

const LIMITS: MonitorLimits = { heartbeatMs: 5000, writeMs: 10_000, everyMs: 1000 }
const MARK = '/* fieldsync probe */'
// An empty commit that waits for the disk and the synchronous standby, and so for everything that was committed before.
const EMPTY_COMMIT = `pg_logical_emit_message(true, 'fieldsync', '')`

/**
 * Whether the database can commit, checked by a commit that changes nothing: a message in the write-ahead log, which
 * waits for the disk and the synchronous standby as every write does. A commit that hangs keeps its backend process for
 * as long as the standby is missing, even once its connection is closed. So none is started while one hangs already:
 * otherwise these would eventually take up all connections.
 */
const PROBE = `${MARK} WITH state AS MATERIALIZED (
    SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool AS "readOnly", EXISTS (
      SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid() AND state = 'active'
        AND (wait_event = 'SyncRep' OR query LIKE '${MARK}%')
        AND query_start < clock_timestamp() - $1::float8 * interval '1 millisecond'
    ) AS hangs
  )
  SELECT "readOnly", hangs, CASE WHEN NOT "readOnly" AND NOT hangs
    THEN ${EMPTY_COMMIT} END AS message FROM state`

/** What the monitor needs of a pool. */
type MonitoredPool = {
  readonly pool: pg.Pool
  allowSilence(client: pg.ClientBase, milliseconds: number): void
  closeConnection(client: pg.ClientBase, error: ConnectionClosedError): void
}

type MonitorOptions = {
  readonly limits?: Partial<MonitorLimits> | undefined
  /** Silence that the pool permits on its connections, milliseconds. */
  readonly silenceMs: number
  readonly onRefusing?: (reason: Error) => void
  readonly onConfirmed?: () => void
}

/**
 * Monitors the writes to a database. When one is not confirmed in time, further ones are refused until a probe has been
 * confirmed: they would only wait too, each with a connection that readers need.
 */
export class DatabaseMonitor {
  readonly #pool: MonitoredPool
  readonly #options: MonitorOptions
  readonly #limits: MonitorLimits
  readonly #underWay = new Set<{ readonly since: number }>()
  readonly #closed = new AbortController()
  #refusing: Error | undefined
  #last: { readonly started: number; ended: number; readonly probe: Promise<void> } | undefined

  constructor(pool: MonitoredPool, options: MonitorOptions) {
    this.#pool = pool
    this.#options = options
    this.#limits = { ...LIMITS, ...options.limits }
  }

  /**
   * Runs a write.
   * @throws DatabaseOutOfOrderError while writes are not confirmed, without trying; what `work` throws
   */
  async write<T>(work: () => Promise<T>): Promise<T> {
    if (this.#refusing) await this.#mustBeConfirmed()
    const entry = { since: performance.now() }
    this.#underWay.add(entry)
    const { writeMs } = this.#limits
    const timer = setTimeout(
      () => this.#refuse(new Error(`a write has not been confirmed for ${writeMs} ms`)),
      writeMs,
    )
    try {
      return await work()
    } catch (error) {
      if (isUnconfirmed(error)) this.#refuse(error)
      throw error
    } finally {
      clearTimeout(timer)
      this.#underWay.delete(entry)
    }
  }

  /** A single lost connection costs no more than the probe that finds the others healthy. */
  async #mustBeConfirmed(): Promise<void> {
    try {
      await this.#recentProbe()
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : ''
      throw new DatabaseOutOfOrderError(`the database does not confirm writes: ${reason}`, { cause })
    }
  }

  /** Resolves when everything that was readable at the call is on disk, and at the synchronous standby. */
  async confirm(): Promise<void> {
    await this.write(() => this.#pool.pool.query({ name: 'empty_commit', text: `SELECT ${EMPTY_COMMIT}` }))
  }

  /**
   * Resolves when the database answers, accepts writes, and no write has been running for too long. Cheap to call:
   * callers share one probe at a time and its outcome for a while.
   * @throws DatabaseOutOfOrderError, or what the probe failed with
   */
  async check(): Promise<void> {
    const [oldest] = this.#underWay
    if (oldest && performance.now() - oldest.since > this.#limits.writeMs) {
      const seconds = Math.round((performance.now() - oldest.since) / 1000)
      throw new DatabaseOutOfOrderError(`a write has not been confirmed for ${seconds} s`)
    }
    const probe = this.#recentProbe()
    const { heartbeatMs } = this.#limits
    // A probe may also have to wait for a connection first.
    const late = Promise.withResolvers<never>()
    const message = `the database did not answer a probe within ${heartbeatMs} ms`
    const left = (this.#last?.started ?? 0) + heartbeatMs - performance.now()
    const timer = setTimeout(() => late.reject(new DatabaseOutOfOrderError(message)), Math.max(0, left))
    await Promise.race([probe, late.promise]).finally(() => clearTimeout(timer))
  }

  /** Whether writes are refused at the moment. */
  get refuses(): boolean {
    return this.#refusing !== undefined
  }

  /** How long the oldest write under way has been running, milliseconds; 0 where none is. */
  oldestWriteMs(): number {
    const [oldest] = this.#underWay
    return oldest ? performance.now() - oldest.since : 0
  }

  /** The outcome of the last probe is no longer valid. */
  forget(): void {
    if (this.#last?.ended !== Number.POSITIVE_INFINITY) this.#last = undefined
  }

  close(): void {
    this.#closed.abort()
  }

  #refuse(reason: Error): void {
    this.forget()
    if (this.#refusing || this.#closed.signal.aborted) return
    this.#refusing = reason
    this.#options.onRefusing?.(reason)
    void this.#untilConfirmed()
  }

  async #untilConfirmed(): Promise<void> {
    const { signal } = this.#closed
    while (!signal.aborted) {
      try {
        await this.#recentProbe()
        this.#refusing = undefined
        this.#options.onConfirmed?.()
        return
      } catch (error) {
        if (error instanceof Error) this.#refusing = error
      }
      await delay(this.#limits.everyMs, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  #recentProbe(): Promise<void> {
    const now = performance.now()
    if (this.#last && now - this.#last.ended <= this.#limits.everyMs) return this.#last.probe
    const last = { started: now, ended: Number.POSITIVE_INFINITY, probe: this.#probe() }
    this.#last = last
    const noteEnd = (error?: unknown): void => {
      last.ended = performance.now()
      if (isUnconfirmed(error)) this.#refuse(error)
    }
    last.probe.then(() => noteEnd(), noteEnd)
    return last.probe
  }

  async #probe(): Promise<void> {
    const { heartbeatMs } = this.#limits
    const client = await this.#pool.pool.connect()
    const ignore = (): void => undefined // A lost connection also rejects the running query.
    client.on('error', ignore)
    this.#pool.allowSilence(client, heartbeatMs)
    try {
      const { rows } = await client.query<{ readOnly: boolean; hangs: boolean }>({
        name: 'probe',
        text: PROBE,
        values: [heartbeatMs],
      })
      if (rows[0]?.readOnly ?? true) {
        const error = new ConnectionClosedError('read_only')
        this.#pool.closeConnection(client, error)
        throw error
      }
      if (rows[0]?.hangs) throw new DatabaseOutOfOrderError('the database does not confirm commits')
    } finally {
      this.#pool.allowSilence(client, this.#options.silenceMs)
      client.off('error', ignore)
      client.release()
    }
  }
}

/** The database was sent a commit and has not confirmed it, or a write has waited for one up to its limit. */
function isUnconfirmed(error: unknown): error is Error {
  if (error instanceof ConnectionClosedError)
    return error.reason === 'silent' || error.reason === 'unconfirmed'
  return error instanceof DatabaseOutOfOrderError || isStatementTimeout(error)
}
