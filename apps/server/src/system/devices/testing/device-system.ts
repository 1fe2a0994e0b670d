import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { WorkspaceId } from '@fieldsync/contracts'
import {
  connectionUrl,
  type Database,
  openDatabase,
  OWNER_ROLE,
  restrictConnections,
  runningEmbeddedPostgres,
} from '@fieldsync/db'
import { Runtime, systemClock, systemContext, verifyAudit } from '@fieldsync/services'
import { HOME, readStoredState, type ServerAnswer, type WorkspaceState } from '@fieldsync/simulator'
import { startServer, type TestServer } from '@fieldsync/testkit'
import pg from 'pg'

import { DATABASE_NAME } from '../../../database/embedded.ts'
import { adminRequest } from '../../../verb-request.ts'
import { sendWireCall, type WireCall } from './wire-call.ts'

/** When and how a server dies during a call. */
export type Kill = {
  /** Milliseconds after the whole call was sent, or right after its answer arrived. */
  readonly moment: 'sent' | 'answered'
  readonly afterMs: number
  /** Its PostgreSQL dies with it, as by a power cut. */
  readonly database: boolean
}

type Running = {
  readonly server: TestServer
  readonly postmaster: number
  readonly superuserUrl: string
  readonly db: Database
}

// Many times longer than a server waits between two attempts to connect.
const MOST_TRIES = 1_000
const PRISTINE = 'fieldsync_pristine'
const tokenOf = (deviceId: string) => `pre-shared-token-of-${deviceId}`

/**
 * The server process with its own PostgreSQL, crash-safe as for `npm start`, which can both be killed and restarted,
 * and the database restored from a copy.
 */
export class DeviceSystem implements AsyncDisposable {
  readonly #folder: string
  readonly #env: Readonly<Record<string, string>>
  #running: Running | undefined
  #lost = 0
  kills = 0

  private constructor(folder: string, deviceIds: readonly string[]) {
    this.#folder = folder
    this.#env = {
      DATA_DIR: path.join(folder, 'data'),
      RATE_LIMIT_PER_MINUTE: 'off',
      DEVICE_TOKENS: deviceIds.map((id) => `${HOME}/${id}=${tokenOf(id)}`).join(','),
    }
  }

  /** Starts it for the first time; the initial state of a run is the copy that {@link reset} restores. */
  static async start(deviceIds: readonly string[]): Promise<DeviceSystem> {
    const system = new DeviceSystem(await mkdtemp(path.join(tmpdir(), 'fieldsync-real-devices-')), deviceIds)
    try {
      await system.#start()
      await system.#copy(DATABASE_NAME, PRISTINE)
    } catch (error) {
      await system[Symbol.asyncDispose]()
      throw error
    }
    return system
  }

  /**
   * Sends it for a device. @returns undefined when no complete answer arrived @throws Error for that, unless it is
   * killed
   */
  async send(deviceId: string, call: WireCall, kill: Kill | undefined): Promise<ServerAnswer | undefined> {
    const { sent, answer } = sendWireCall(this.#now.server.url, call, tokenOf(deviceId))
    sent.catch(() => undefined) // Then there is no answer either.
    if (!kill) return await answer
    const outcome = answer.catch(() => undefined)
    if (kill.moment === 'answered') await outcome
    else await Promise.race([sent.then(() => delay(kill.afterMs)), outcome])
    await this.kill(kill.database)
    return await outcome
  }

  /** kill -9, and a restart on what was left. */
  async kill(database: boolean): Promise<void> {
    const { server, postmaster, db } = this.#now
    this.kills++
    const ended = server.kill('SIGKILL')
    if (database) process.kill(postmaster, 'SIGKILL')
    this.#running = undefined
    await ended
    await db.close()
    await this.#start()
  }

  /** The database as at the first start. */
  reset(): Promise<void> {
    return this.restore(PRISTINE)
  }

  /** Makes a copy of the database beside the running server, which waits for its connections in the meantime. */
  async backup(name: string): Promise<void> {
    await this.#dropped(name)
    await this.#copy(DATABASE_NAME, name)
  }

  /** Replaces the database by a copy. */
  async restore(name: string): Promise<void> {
    const lost = `fieldsync_lost_${++this.#lost}`
    await this.#alone(DATABASE_NAME, `ALTER DATABASE ${DATABASE_NAME} RENAME TO ${lost}`)
    await this.#copy(name, DATABASE_NAME)
    await this.#dropped(lost)
    await this.#healthy()
  }

  /** Carries out a superuser's statements, one by one. */
  async perform(statements: readonly string[]): Promise<void> {
    await this.#asSuperuser(async (client) => {
      for (const statement of statements) await client.query(statement)
    })
  }

  /** The stored state of the workspace. */
  state(): Promise<WorkspaceState> {
    return readStoredState(this.#now.db.pool, HOME)
  }

  /** The stored answer to a device's batch; undefined where the batch was not executed. */
  async storedAnswer(deviceId: string, key: string): Promise<string | undefined> {
    const { rows } = await this.#now.db.pool.query<{ response: string }>(
      `SELECT response FROM sync_events WHERE workspace_id = $1 AND device_id = $2 AND idempotency_key = $3`,
      [HOME, deviceId, key],
    )
    return rows[0]?.response
  }

  /** What is wrong with the audit chain, recomputed. */
  async auditFindings(): Promise<string[]> {
    const runtime = new Runtime({ db: this.#now.db, pepper: Buffer.from(randomUUID()) })
    const admin = { runtime, clock: systemClock, request: adminRequest('system') }
    const verdict = await verifyAudit({
      ctx: await systemContext(admin, WorkspaceId.parse(HOME)),
      input: {},
    })
    return verdict.ok ? [] : [`G8: the audit is broken at ${verdict.seq}: ${verdict.reason}`]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.#running
    this.#running = undefined
    await running?.db.close()
    await running?.server[Symbol.asyncDispose]()
    await rm(this.#folder, { recursive: true, force: true })
  }

  get #now(): Running {
    if (!this.#running) throw new Error('the server is not running')
    return this.#running
  }

  async #start(): Promise<void> {
    const server = await startServer({ env: this.#env })
    const postgres = await runningEmbeddedPostgres(path.join(server.dataDir, 'postgres'))
    if (!postgres) {
      await server[Symbol.asyncDispose]()
      throw new Error('the server has no PostgreSQL')
    }
    const { superuserUrl, pid } = postgres
    const db = openDatabase({ url: connectionUrl(superuserUrl, { database: DATABASE_NAME }), max: 1 })
    this.#running = { server, postmaster: pid, superuserUrl, db }
  }

  async #copy(from: string, to: string): Promise<void> {
    // Written to the log page by page: by files it takes two checkpoints, which flush everything.
    await this.#alone(
      from,
      `CREATE DATABASE ${to} TEMPLATE ${from} OWNER ${OWNER_ROLE} STRATEGY WAL_LOG`,
      `ALTER DATABASE ${to} ALLOW_CONNECTIONS true`,
    )
    await this.#asSuperuser((client) => restrictConnections(client, to))
    await this.#healthy()
  }

  async #dropped(name: string): Promise<void> {
    await this.perform([`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`])
  }

  /** Runs statements while there are no connections to this database. */
  async #alone(name: string, ...statements: string[]): Promise<void> {
    await this.#asSuperuser(async (client) => {
      await client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
      await client.query('SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1', [
        name,
      ])
      for (const statement of statements) await client.query(statement)
      const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
      if (found.rowCount === 1) await client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`)
    })
  }

  /** The server, which lost its connections, has new ones. */
  async #healthy(): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const { status } = await fetch(`${this.#now.server.url}/v1/health`)
      if (status === 200) return
      await delay(20)
    }
    throw new Error('the server does not find its database again')
  }

  async #asSuperuser(work: (client: pg.Client) => Promise<void>): Promise<void> {
    const client = new pg.Client(this.#now.superuserUrl)
    await client.connect()
    try {
      await work(client)
    } finally {
      await client.end()
    }
  }
}
