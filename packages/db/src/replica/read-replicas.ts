import pg from 'pg'

import { parseDatabaseUrl } from '../connection/database-url.ts'
import { type ConnectionLimits, connectionLimits } from '../connection/limits.ts'
import type { Primary } from '../connection/primary.ts'
import type { Queryable } from '../connection/queryable.ts'
import { isUnavailable } from '../unavailable.ts'
import { NotAReplicaError, ReplicaServer } from './replica-server.ts'

/** The end of a workspace's audit chain: every write adds an entry, so it names all that was committed. */
export type WorkspaceEnd = { readonly workspaceId: string; readonly seq: number; readonly hash: string }

/** What became of reads that a replica might have answered; all but the first were answered by the primary. */
export type ReplicaReads = {
  /** Answered by a replica. */
  replica: number
  /** The replica does not have everything yet. */
  behind: number
  /** No replica is used. */
  unused: number
  /** The replica has failed. */
  failed: number
}

export type ReplicaEvents = {
  /** A replica is used from now on, or again. */
  onReplicaUsable(replica: { readonly server: string }): void
  /** A replica is not used from now on, once for each time. */
  onReplicaUnusable(replica: { readonly server: string; readonly reason: Error }): void
}

export type ReplicaLimits = {
  /** A replica that lags by more is not used, milliseconds; default 10,000. */
  readonly maxLagMs: number
  /** Between two rounds that ask every replica; default 1,000. */
  readonly askEveryMs: number
}

const LIMITS: ReplicaLimits = { maxLagMs: 10_000, askEveryMs: 1000 }
/** Less than at the primary, which answers what a replica does not. */
const CONNECTION: Partial<ConnectionLimits> = { connectMs: 1000, statementMs: 5000, silenceMs: 6000 }

export type ReplicaOptions = {
  /** Connection URL of the application's role, with the servers in the order in which they are preferred. */
  readonly url: string
  readonly max: number
  readonly applicationName: string
  readonly limits?: Partial<ReplicaLimits> | undefined
  readonly events?: Partial<ReplicaEvents> | undefined
  readonly primary: Primary
  /** The pool of the primary. */
  readonly pool: Pick<pg.Pool, 'query'>
}

const POSITION = `SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::float8 AS written`

const HAS = `SELECT EXISTS (SELECT FROM audit_entries e WHERE e.workspace_id = $1 AND e.seq = $2::bigint AND e.hash = $3)
  AND (NOT $4::boolean OR EXISTS (SELECT FROM audit_index_heads i WHERE i.workspace_id = $1 AND i.seq >= $2::bigint)) AS has`

/**
 * The read replicas of a server (REP rules): the first usable one of the URL answers reads, and the primary answers whatever
 * that cannot. A replica proves for each read that it has all that the primary had committed in the workspace, by its newest
 * audit entry: a replica that lags, and one of another history, has none with that number and hash (docs/decisions/0045).
 */
export class ReadReplicas {
  readonly servers: readonly ReplicaServer[]
  readonly reads: ReplicaReads = { replica: 0, behind: 0, unused: 0, failed: 0 }
  readonly #options: ReplicaOptions
  readonly #reported = new Map<ReplicaServer, boolean>()
  readonly #watch: NodeJS.Timeout
  #round: Promise<void> | undefined
  #closed = false

  /** @throws DatabaseUrlError */
  constructor(options: ReplicaOptions) {
    const { url, max, applicationName, primary } = options
    const limits = { ...LIMITS, ...options.limits }
    this.#options = options
    this.servers = parseDatabaseUrl(url, 'standbys').servers.map(
      (server) =>
        new ReplicaServer({
          server,
          max,
          applicationName,
          limits: connectionLimits(CONNECTION),
          maxLagMs: limits.maxLagMs,
          system: () => primary.system,
        }),
    )
    this.#watch = setInterval(() => void this.ask(), limits.askEveryMs).unref()
    void this.ask()
  }

  /** The one that answers reads at the moment. */
  get current(): ReplicaServer | undefined {
    return this.servers.find(({ unusable }) => !unusable)
  }

  /** Asks every replica for its state; callers share a round. Never rejects. */
  ask(): Promise<void> {
    this.#round ??= this.#askAll().finally(() => (this.#round = undefined))
    return this.#round
  }

  /**
   * Runs reads on a replica that has everything up to the given end; undefined where none has, or where it fails: then they are
   * to be done at the primary.
   * @param indexed whether the index of the audit has to be as far, too
   * @throws what `work` throws of its own
   */
  async read<T>(
    end: WorkspaceEnd,
    work: (connection: Queryable) => Promise<T>,
    { indexed }: { readonly indexed: boolean } = { indexed: false },
  ): Promise<{ readonly result: T } | undefined> {
    const server = this.current
    if (!server) {
      this.reads.unused++
      return undefined
    }
    try {
      const read = await server.run(async (connection) => {
        const { rows } = await connection.query<{ has: boolean }>({
          name: 'replica_has',
          text: HAS,
          values: [end.workspaceId, end.seq, end.hash, indexed],
        })
        return rows[0]?.has ? { result: await work(connection) } : undefined
      })
      this.reads[read ? 'replica' : 'behind']++
      return read
    } catch (error) {
      if (!(error instanceof Error) || !isFault(error)) throw error
      this.reads.failed++
      if (!isOfStatement(error)) {
        server.fail(error)
        this.#report()
      }
      return undefined
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#watch)
    await this.#round
    await Promise.all(this.servers.map((server) => server.close()))
  }

  async #askAll(): Promise<void> {
    const written = await this.#written()
    await Promise.all(this.servers.map((server) => server.ask(written)))
    if (!this.#closed) this.#report()
  }

  /** Undefined where the primary does not say, which readers notice by themselves. */
  async #written(): Promise<number | undefined> {
    try {
      const { rows } = await this.#options.pool.query<{ written: number }>(POSITION)
      return rows[0]?.written
    } catch {
      return undefined
    }
  }

  #report(): void {
    const { events } = this.#options
    for (const server of this.servers) {
      const { name, unusable } = server
      if (this.#reported.get(server) === !unusable) continue
      this.#reported.set(server, !unusable)
      if (unusable) events?.onReplicaUnusable?.({ server: name, reason: unusable })
      else events?.onReplicaUsable?.({ server: name })
    }
  }
}

/** Of the replica or the way to it; whatever else `work` throws is its answer. */
const isFault = (error: Error): boolean =>
  error instanceof NotAReplicaError || error instanceof pg.DatabaseError || isUnavailable(error)

// Among them what a standby cancels because of a conflict with its recovery (40001), and by its time limit (57014).
const OF_THE_SERVER = /^(08|53|57P|58|XX)/

/** Whether the database has failed a single statement and works on. */
const isOfStatement = (error: Error): boolean =>
  error instanceof pg.DatabaseError && !OF_THE_SERVER.test(error.code ?? '')
