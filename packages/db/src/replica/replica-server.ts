import pg from 'pg'

import { ConnectionClosedError } from '../connection/connection-closed-error.ts'
import type { DatabaseServer } from '../connection/database-url.ts'
import { type Guard, guardConnection } from '../connection/guard.ts'
import { type ConnectionLimits, KEEP_ALIVE } from '../connection/limits.ts'
import { oneAtATime, type Queryable } from '../connection/queryable.ts'
import type { ServerState } from '../connection/server-state.ts'
import { prepareSession } from '../connection/session.ts'

/** Why a server is not used as a replica although it answers; it may be usable later. */
export class NotAReplicaError extends Error {
  override readonly name = 'NotAReplicaError'
}

export type ReplicaServerOptions = {
  readonly server: DatabaseServer
  readonly max: number
  readonly applicationName: string
  readonly limits: ConnectionLimits
  /** A replica that lags by more is not used, milliseconds. */
  readonly maxLagMs: number
  /** The system identifier of the primary's cluster; null while it is unknown. */
  readonly system: () => string | null
}

/** What the primary had written at some time of this process. */
type Written = { readonly at: number; readonly bytes: number }

/** A second each; where a replica lags for longer, its lag is measured by what was written first. */
const MOST_WRITTEN = 1000

const ASK = `SELECT pg_is_in_recovery() AS "isStandby",
  (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::float8 AS replayed`

/**
 * One server of `DATABASE_READ_URL`: its connections, and whether it is a standby of the primary's cluster that lags by little
 * enough (REP-4). How far it lags is measured by this process alone, from when it saw the primary's position and when the
 * replica has replayed up to it: clocks of other machines do not matter, and a standby that receives nothing does not look idle.
 */
export class ReplicaServer {
  readonly name: string
  readonly #options: ReplicaServerOptions
  readonly #pool: pg.Pool
  readonly #guards = new Set<Guard>()
  #unusable: Error | undefined = new NotAReplicaError('it was not asked yet')
  #written: Written[] = []
  #lagMs: number | undefined
  #behindBytes: number | undefined

  constructor(options: ReplicaServerOptions) {
    const { server, max, applicationName, limits } = options
    this.name = server.name
    this.#options = options
    this.#pool = new pg.Pool({
      connectionString: server.url,
      max,
      application_name: applicationName,
      connectionTimeoutMillis: limits.connectMs,
      maxLifetimeSeconds: limits.lifetimeMs / 1000,
      ...KEEP_ALIVE,
      onConnect: (client) => this.#prepare(client),
    })
    // A connection lost while idle is replaced at the next query; without a listener Node would exit.
    this.#pool.on('error', () => undefined)
  }

  /** Why it is not used; undefined where it is. */
  get unusable(): Error | undefined {
    return this.#unusable
  }

  /** How far it lagged when it was last asked, milliseconds; undefined where that is not known. */
  get lagMs(): number | undefined {
    return this.#lagMs
  }

  /** How much of the primary's write-ahead log it had not replayed when it was last asked; undefined where that is not known. */
  get behindBytes(): number | undefined {
    return this.#behindBytes
  }

  /** Not used from now on, until it has answered again. */
  fail(reason: Error): void {
    this.#unusable = reason
  }

  /**
   * Asks it for its state. Where it does not answer in the time to connect, all its connections are closed.
   * @param written position of the primary, bytes of its write-ahead log; undefined where it is not known
   */
  async ask(written: number | undefined): Promise<void> {
    const { connectMs } = this.#options.limits
    const silent = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      const error = new ConnectionClosedError('silent', ` (${connectMs} ms)`)
      silent.reject(error)
      // Whoever waits there need not wait for as long as a statement may take.
      for (const guard of this.#guards) guard.close(error)
    }, connectMs)
    try {
      this.#unusable = await Promise.race([this.#reasonAgainst(written), silent.promise])
    } catch (error) {
      this.#lagMs = undefined
      this.#unusable = error instanceof Error ? error : new Error(String(error))
    } finally {
      clearTimeout(timer)
    }
  }

  /** Runs reads on one connection, so that all are of one server. @throws what the database, the connection or `work` fails with */
  async run<T>(work: (connection: Queryable) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect()
    let broken = false
    // The pool listens only while a connection is idle.
    const noteLoss = (): void => {
      broken = true
    }
    client.on('error', noteLoss)
    try {
      return await work(oneAtATime(client))
    } finally {
      client.off('error', noteLoss)
      client.release(broken)
    }
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }

  async #reasonAgainst(written: number | undefined): Promise<Error | undefined> {
    const at = performance.now()
    this.#behindBytes = undefined
    if (written !== undefined && this.#written.length < MOST_WRITTEN)
      this.#written.push({ at, bytes: written })
    const { rows } = await this.#pool.query<{ isStandby: boolean; replayed: number | null }>({
      name: 'replica_state',
      text: ASK,
    })
    const [state] = rows
    if (!state?.isStandby) {
      this.#lagMs = undefined
      return new NotAReplicaError('it is no standby: it accepts writes')
    }
    const { replayed } = state
    if (replayed === null) return new NotAReplicaError('it does not say how far it is')
    if (written !== undefined) this.#behindBytes = Math.max(0, written - replayed)
    this.#written = this.#written.filter(({ bytes }) => bytes > replayed)
    const [oldest] = this.#written
    this.#lagMs = oldest ? performance.now() - oldest.at : 0
    const { maxLagMs } = this.#options
    return this.#lagMs > maxLagMs
      ? new NotAReplicaError(`it lags by more than ${maxLagMs / 1000} s`)
      : undefined
  }

  async #prepare(client: pg.ClientBase): Promise<void> {
    if (!(client instanceof pg.Client)) throw new TypeError('the pool makes clients of pg')
    const { limits } = this.#options
    const guard = guardConnection(client, limits.connectMs)
    try {
      this.#check(await prepareSession(client, limits.statementMs))
    } catch (error) {
      client.connection.stream.destroy()
      throw error
    }
    guard.allowSilence(limits.silenceMs)
    this.#guards.add(guard)
    client.connection.stream.once('close', () => this.#guards.delete(guard))
  }

  #check({ readOnly, system }: ServerState): void {
    const own = this.#options.system()
    if (own !== null && system !== null && own !== system) throw new ConnectionClosedError('foreign')
    if (!readOnly) throw new NotAReplicaError('it is no standby: it accepts writes')
  }
}
