import { setTimeout as delay } from 'node:timers/promises'

import pg from 'pg'

import { ConnectionClosedError } from './connection-closed-error.ts'
import { type DatabaseServer, parseDatabaseUrl } from './database-url.ts'
import { askServer, type KnownCluster, refusalOf, type ServerState } from './server-state.ts'

/** Time limits of the search for the primary, milliseconds. */
export type SearchLimits = {
  /** One server to connect and to answer; default 3,000. */
  readonly askMs: number
  /** The others, once one has answered that accepts writes; default 1,000. */
  readonly graceMs: number
  /** Between two searches while all is well; default 5,000. */
  readonly watchEveryMs: number
  /** How long an outcome without a primary is shared; default 250. */
  readonly failureMs: number
}

const LIMITS: SearchLimits = { askMs: 3000, graceMs: 1000, watchEveryMs: 5000, failureMs: 250 }

export type PrimaryEvents = {
  /** Connections lead to another server from now on. */
  onPrimaryChanged(change: { readonly server: string; readonly timeline: number | null }): void
  /** A server accepts writes and is not used all the same, or cannot be told from one; once for each reason. */
  onServerRefused(refused: { readonly server: string; readonly reason: Error }): void
}

/** No server of the URL can be used now; the message says of each why. The same call may succeed later. */
export class NoPrimaryError extends Error {
  override readonly name = 'NoPrimaryError'
}

/** Wrong credentials, and a database that does not exist. */
const isRefusedLogin = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^(28|3D)/.test(error.code ?? '')

type Answer = { readonly server: DatabaseServer; readonly state?: ServerState; readonly error?: unknown }

/**
 * The primary among the servers of a connection URL, for all connections to that URL (HA-1 to HA-3). With several servers it
 * is searched for when a connection is lost or fails, and every few seconds while it has a follower. All servers are asked
 * at the same time: the one that accepts writes and has the newest timeline is the primary, the order of the URL decides
 * between equals (docs/decisions/0042).
 */
export class Primary {
  readonly servers: readonly [DatabaseServer, ...DatabaseServer[]]
  readonly #limits: SearchLimits
  readonly #events: Partial<PrimaryEvents> | undefined
  readonly #followers = new Set<() => void>()
  readonly #refused = new Map<string, string>()
  #known: KnownCluster = { system: null, timeline: null }
  #current: DatabaseServer | undefined
  #isDoubted = true
  #search: Promise<DatabaseServer> | undefined
  #failed: { readonly at: number; readonly error: unknown } | undefined
  #watch: NodeJS.Timeout | undefined

  /** @throws DatabaseUrlError */
  constructor(
    url: string,
    options: { limits?: Partial<SearchLimits>; events?: Partial<PrimaryEvents> } = {},
  ) {
    this.servers = parseDatabaseUrl(url).servers
    this.#limits = { ...LIMITS, ...options.limits }
    this.#events = options.events
  }

  /** The system identifier of the cluster in use; null until a connection has found it, or where the role may not know. */
  get system(): string | null {
    return this.#known.system
  }

  /**
   * The server to connect to now. With a single one in the URL that is always it, and nothing is asked.
   * @throws NoPrimaryError; what every server failed with, where waiting does not help
   */
  async locate(): Promise<DatabaseServer> {
    const [first, ...others] = this.servers
    if (others.length === 0) return first
    if (this.#current && !this.#isDoubted) return this.#current
    if (this.#failed && performance.now() - this.#failed.at < this.#limits.failureMs) throw this.#failed.error
    return await this.#searched()
  }

  /** A connection was lost or failed: the next one begins with a search. */
  doubt(): void {
    this.#isDoubted = true
  }

  /**
   * Takes note of the state that a new connection has found.
   * @throws ConnectionClosedError where the server must not be used
   */
  check(state: ServerState): void {
    const reason = refusalOf(state, this.#known)
    if (reason) {
      this.doubt()
      throw new ConnectionClosedError(reason)
    }
    this.#learn(state)
  }

  /**
   * Calls `onMoved` when another server becomes the primary, as long as it is not disposed. Meanwhile the servers are asked
   * regularly, so that an old primary is left although it still works.
   */
  follow(onMoved: () => void): Disposable {
    this.#followers.add(onMoved)
    if (this.servers.length > 1)
      this.#watch ??= setInterval(
        () => void this.#searched().catch(() => undefined),
        this.#limits.watchEveryMs,
      ).unref()
    return {
      [Symbol.dispose]: () => {
        this.#followers.delete(onMoved)
        if (this.#followers.size > 0) return
        clearInterval(this.#watch)
        this.#watch = undefined
      },
    }
  }

  #searched(): Promise<DatabaseServer> {
    this.#search ??= this.#find().finally(() => (this.#search = undefined))
    return this.#search
  }

  async #find(): Promise<DatabaseServer> {
    const answers = await this.#askAll()
    try {
      const { server, state } = this.#choose(answers)
      this.#learn(state)
      this.#use(server)
      return server
    } catch (error) {
      this.#failed = { at: performance.now(), error }
      throw error
    }
  }

  /** The answers in the order of the URL: once one accepts writes, the others have a short time left. */
  async #askAll(): Promise<Answer[]> {
    const { askMs, graceMs } = this.#limits
    const end = new AbortController()
    const { signal } = end
    const found = Promise.withResolvers<void>()
    const late = new Error('it did not answer in time')
    const answers: Answer[] = this.servers.map((server) => ({ server, error: late }))
    const asked = this.servers.map(async (server, place) => {
      try {
        const state = await askServer(server, askMs, signal)
        answers[place] = { server, state }
        if (refusalOf(state, this.#known) === undefined) found.resolve()
      } catch (error) {
        if (!signal.aborted) answers[place] = { server, error }
      }
    })
    const grace = found.promise.then(() => delay(graceMs, undefined, { signal })).catch(() => undefined)
    await Promise.race([Promise.all(asked), grace])
    end.abort()
    return [...answers]
  }

  #choose(answers: readonly Answer[]): { server: DatabaseServer; state: ServerState } {
    const systems = new Set(answers.map(({ state }) => state?.system ?? null).filter((each) => each !== null))
    if (this.#known.system === null && systems.size > 1)
      throw new NoPrimaryError(
        'the servers of the URL belong to different database clusters (their system identifiers differ)',
      )
    const usable = answers.flatMap(({ server, state }) =>
      state && refusalOf(state, this.#known) === undefined ? [{ server, state }] : [],
    )
    const newest = Math.max(...usable.map(({ state }) => state.timeline ?? 0))
    const equals = usable.filter(({ state }) => (state.timeline ?? 0) === newest)
    const chosen = equals.find(({ server }) => server === this.#current) ?? equals[0]
    this.#note(answers, newest)
    if (chosen) return chosen
    const [refusal] = answers
    if (answers.every(({ error }) => isRefusedLogin(error))) throw refusal?.error
    const reasons = answers.map((answer) => `${answer.server.name}: ${this.#whyNot(answer).message}`)
    throw new NoPrimaryError(`no server of the URL accepts writes (${reasons.join('; ')})`)
  }

  /** Reports servers that would accept writes and must not get any, each once for as long as that lasts. */
  #note(answers: readonly Answer[], newest: number): void {
    for (const { server, state } of answers) {
      if (!state) continue
      const { system, timeline } = this.#known
      const reason = refusalOf(state, { system, timeline: Math.max(timeline ?? 0, newest) })
      if (reason !== 'stale' && reason !== 'foreign') this.#refused.delete(server.name)
      else if (this.#refused.get(server.name) !== reason) {
        this.#refused.set(server.name, reason)
        this.#events?.onServerRefused?.({ server: server.name, reason: new ConnectionClosedError(reason) })
      }
    }
  }

  #whyNot({ error, state }: Answer): Error {
    const reason = state && refusalOf(state, this.#known)
    if (reason) return new ConnectionClosedError(reason)
    return error instanceof Error ? error : new Error(String(error))
  }

  #learn({ system, timeline }: ServerState): void {
    this.#known = {
      system: this.#known.system ?? system,
      timeline: timeline === null ? this.#known.timeline : Math.max(timeline, this.#known.timeline ?? 0),
    }
  }

  #use(server: DatabaseServer): void {
    const last = this.#current
    this.#current = server
    this.#isDoubted = false
    this.#failed = undefined
    if (last === server) return
    const { timeline } = this.#known
    this.#events?.onPrimaryChanged?.({ server: server.name, timeline })
    if (last) for (const onMoved of this.#followers) onMoved()
  }
}
