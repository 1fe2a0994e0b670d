import pg from 'pg'

import { ConnectionClosedError } from './connection-closed-error.ts'
import { type Guard, guardConnection } from './guard.ts'
import { type ConnectionLimits, KEEP_ALIVE } from './limits.ts'
import { primaryClient } from './primary-client.ts'
import type { Primary } from './primary.ts'
import { prepareSession } from './session.ts'

type PoolOptions = {
  readonly primary: Primary
  readonly max: number
  readonly applicationName: string
  readonly limits: ConnectionLimits
  /** A connection of the pool was closed because it is unreliable. */
  readonly onClosed?: (error: ConnectionClosedError) => void
  /** A connection of the pool was lost: its other end is gone. */
  readonly onLost?: () => void
}

type Member = { readonly guard: Guard; idle: boolean; superseded: boolean }

/**
 * The pool, whose connections are guarded: when one is closed for a reason that may apply to others, these are closed
 * too (RUN-17), so that no request has to find out by itself.
 */
export class GuardedPool {
  readonly pool: pg.Pool
  readonly #members = new Map<pg.ClientBase, Member>()
  readonly #primary: Primary
  readonly #following: Disposable
  #started: string | undefined

  constructor({ primary, max, applicationName, limits, onClosed, onLost }: PoolOptions) {
    this.#primary = primary
    this.#following = primary.follow(() => this.#closeAll(new ConnectionClosedError('stale')))
    this.pool = new pg.Pool({
      Client: primaryClient(primary),
      connectionString: primary.servers[0].url,
      max,
      application_name: applicationName,
      connectionTimeoutMillis: limits.connectMs,
      maxLifetimeSeconds: limits.lifetimeMs / 1000,
      ...KEEP_ALIVE,
      onConnect: async (client) => {
        await this.#prepare(client, limits, onClosed)
        client.on('error', () => onLost?.())
      },
    })
    // A connection lost while idle is reported here and replaced at the next query; without a listener Node would exit.
    this.pool.on('error', () => undefined)
    this.pool.on('acquire', (client) => this.#setIdle(client, false))
    this.pool.on('release', (_error, client) => {
      // The pool does not take back one that is ending.
      if (this.#members.get(client)?.superseded === true) void client.end()
      this.#setIdle(client, true)
    })
    this.pool.on('remove', (client) => this.#members.delete(client))
  }

  /** Waits for every connection in use to be given back. */
  async end(): Promise<void> {
    this.#following[Symbol.dispose]()
    await this.pool.end()
  }

  /** A new limit for a connection that is in use, milliseconds. */
  allowSilence(client: pg.ClientBase, milliseconds: number): void {
    this.#members.get(client)?.guard.allowSilence(milliseconds)
  }

  /** Closes a connection that is in use. */
  closeConnection(client: pg.ClientBase, error: ConnectionClosedError): void {
    this.#members.get(client)?.guard.close(error)
  }

  async #prepare(
    client: pg.ClientBase,
    limits: ConnectionLimits,
    onClosed: PoolOptions['onClosed'],
  ): Promise<void> {
    if (!(client instanceof pg.Client)) throw new TypeError('the pool makes clients of pg')
    const guard = guardConnection(client, limits.connectMs, {
      isIdle: () => this.#members.get(client)?.idle ?? false,
      onClosed: (error) => {
        // One that never joined the pool proves nothing about the others.
        if (!this.#members.delete(client)) return
        this.#closeOthers(error)
        onClosed?.(error)
      },
    })
    try {
      const state = await prepareSession(client, limits.statementMs)
      this.#primary.check(state)
      if (this.#started !== undefined && this.#started !== state.started) this.#supersede()
      this.#started = state.started
    } catch (error) {
      // The pool's own way of ending a connection waits for the peer.
      if (error instanceof ConnectionClosedError) guard.close(error)
      client.connection.stream.destroy()
      throw error
    }
    guard.allowSilence(limits.silenceMs)
    this.#members.set(client, { guard, idle: false, superseded: false })
  }

  #setIdle(client: pg.ClientBase, idle: boolean): void {
    const member = this.#members.get(client)
    if (member) member.idle = idle
  }

  #closeOthers(error: ConnectionClosedError): void {
    if (error.reason === 'read_only') this.#supersede()
    // Those in use may be healthy, and have limits of their own.
    else this.#closeIdle()
  }

  /** Leaves a server that is no longer the primary: running statements there finish, and no more follow. */
  #supersede(): void {
    for (const member of this.#members.values()) member.superseded = true
    this.#closeIdle()
  }

  /** Leaves a server whose commits a later primary does not have: nothing that runs there may be acknowledged. */
  #closeAll(error: ConnectionClosedError): void {
    this.#closeIdle()
    for (const { guard } of this.#members.values()) guard.close(error)
  }

  #closeIdle(): void {
    for (const [client, member] of this.#members) {
      if (!member.idle || !(client instanceof pg.Client)) continue
      this.#members.delete(client)
      client.connection.stream.destroy(new Error('closed with another connection of the pool'))
    }
  }
}
