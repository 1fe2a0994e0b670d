import { once } from 'node:events'

import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest'

import { type Database, type DatabaseOptions, openDatabase } from '../database.ts'
import { connectionUrl } from '../embedded/connection-url.ts'
import { silentLink, testDatabase } from '../testing/index.ts'
import { inTransaction } from '../transaction.ts'
import { isUnavailable } from '../unavailable.ts'
import { ConnectionClosedError } from './connection-closed-error.ts'

const SILENCE_MS = 800
const { appUrl } = await testDatabase()
const link = await silentLink(Number(new URL(appUrl).port))
afterAll(() => link[Symbol.asyncDispose]())

/** A database behind the link. */
function opened(
  limits: DatabaseOptions['limits'] = {},
  onConnectionClosed = (): void => undefined,
): Database {
  const db = openDatabase({
    events: {
      onConnectionClosed,
      onRefusing: () => undefined,
      onConfirmed: () => undefined,
      onPrimaryChanged: () => undefined,
      onServerRefused: () => undefined,
    },
    url: connectionUrl(appUrl, { port: link.port }),
    max: 4,
    limits: { silenceMs: SILENCE_MS, heartbeatMs: SILENCE_MS, ...limits },
  })
  onTestFinished(() => (db.pool.ending ? undefined : db.close()))
  return db
}

const backend = async ({ pool }: Pick<Database, 'pool'>): Promise<unknown> =>
  (await pool.query('SELECT pg_backend_pid() AS pid')).rows[0]

/** Several connections that are idle now. */
async function warmed(db: Database, connections = 3): Promise<void> {
  await Promise.all(Array.from({ length: connections }, () => db.pool.query('SELECT pg_sleep(0.02)')))
  expect(db.pool.idleCount).toBe(connections)
}

const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => error,
  )

describe('a connection that has fallen silent', () => {
  const USES: Readonly<Record<string, (db: Database) => Promise<unknown>>> = {
    'one statement': (db) => db.pool.query('SELECT 1'),
    'a prepared statement': (db) => db.pool.query({ name: 'one', text: 'SELECT $1::int', values: [1] }),
    'a transaction': (db) => inTransaction(db, (connection) => connection.query('SELECT 1')),
    'a statement of Prisma': (db) => db.prisma.$queryRaw`SELECT 1`,
    'a look-up of Prisma': (db) => db.prisma.workspace.count(),
  }

  it.each(Object.entries(USES))('[RUN-13] is closed under %s, and the next call works', async (_, use) => {
    const db = opened()
    await warmed(db)
    link.silence()
    const error = await outcome(use(db))
    expect(error).toBeInstanceOf(Error)
    expect(isUnavailable(error)).toBe(true)
    // The others were idle, and were closed with it: no other caller has to wait to find out.
    expect(await outcome(use(db))).toBe('done')
    expect(await outcome(use(db))).toBe('done')
  })

  it('[RUN-13] is closed between two statements of a transaction, without another wait for its ROLLBACK', async () => {
    const db = opened()
    let started = 0
    const error = await outcome(
      inTransaction(db, async (connection) => {
        await connection.query('SELECT 1')
        link.silence()
        started = performance.now()
        await connection.query('SELECT 2')
      }),
    )
    expect(error).toBeInstanceOf(ConnectionClosedError)
    expect(performance.now() - started).toBeLessThan(2 * SILENCE_MS)
  })

  it('[RUN-13] gives its place in the pool back, however many have', async () => {
    const db = opened()
    for (let round = 0; round < 2; round++) {
      await warmed(db, 4)
      const open = link.silence()
      const closed = Promise.withResolvers<void>()
      let left = open
      link.onClosed = () => void (--left === 0 && closed.resolve())
      const uses = await Promise.all(Array.from({ length: 9 }, () => outcome(db.pool.query('SELECT 1'))))
      expect(uses.filter((each) => each === 'done')).toHaveLength(5)
      // No socket is left behind either.
      await closed.promise
    }
  })

  it('[RUN-13] does not keep the pool from being closed', async () => {
    const db = opened()
    await warmed(db)
    link.silence()
    await db.close()
    expect(db.pool.totalCount).toBe(0)
  })

  it('[RUN-13] is noticed while it is made', async () => {
    const db = opened({ connectMs: 300 })
    link.target = await deafPort()
    onTestFinished(() => void (link.target = Number(new URL(appUrl).port)))
    expect(isUnavailable(await outcome(db.pool.query('SELECT 1')))).toBe(true)
  })
})

describe('a connection that is slow', () => {
  it('[RUN-13] is left alone while bytes of an answer arrive', async () => {
    const db = opened({ statementMs: 10_000 })
    // Each row fills a buffer, so it is sent at once; together they take twice the limit.
    const { rows } = await db.pool.query(
      `SELECT repeat('x', 20000), pg_sleep(0.2) FROM generate_series(1, 8)`,
    )
    expect(rows).toHaveLength(8)
  })

  it('[RUN-13] owes no answer while it is idle', async () => {
    const closed = vi.fn<() => void>()
    const db = opened({ silenceMs: 500 }, closed)
    const before = await backend(db)
    const client = await db.pool.connect()
    const { stream } = client.connection
    client.release()
    // The guard is notified of each silence of the socket first.
    for (let silences = 0; silences < 2; silences++) await once(stream, 'timeout')
    expect(await backend(db)).toEqual(before)
    expect(closed).not.toHaveBeenCalled()
  })

  it('[RUN-13] has its statement ended by the database before this side gives up', async () => {
    const db = opened({ statementMs: 100 })
    await expect(db.pool.query('SELECT pg_sleep(5)')).rejects.toMatchObject({ code: '57014' })
  })
})

describe('a connection that turns out to be read-only', () => {
  it('[RUN-17] is closed although its transaction ended in good order', async () => {
    const db = opened()
    const before = await backend(db)
    const refused = inTransaction(db, async (connection) => {
      await connection.query('SET TRANSACTION READ ONLY')
      await connection.query('DELETE FROM device_tokens')
    })
    expect(await outcome(refused)).toMatchObject({ code: '25006' })
    expect(await backend(db)).not.toEqual(before)
  })

  it('[RUN-17] takes idle ones with it, and those in use once they are free', async () => {
    // These are held for a while without a statement.
    const db = opened({ silenceMs: 30_000 })
    const [one, other] = await Promise.all([db.pool.connect(), db.pool.connect()])
    await warmed(db, 2)
    one.on('error', () => undefined)
    // As PostgreSQL reports it when its configuration changes, before the statement's own end.
    expect(await outcome(one.query('SET default_transaction_read_only = on'))).toMatchObject({
      reason: 'read_only',
    })
    one.release()
    expect(await outcome(other.query('SELECT 1'))).toBe('done')
    other.release()
    await expect.poll(() => db.pool.totalCount).toBe(0)
  })
})

/** A port that accepts connections and never sends anything. */
async function deafPort(): Promise<number> {
  const deaf = await silentLink(link.target)
  onTestFinished(() => deaf[Symbol.asyncDispose]())
  deaf.silent = true
  return deaf.port
}
