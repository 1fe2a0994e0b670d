import { afterAll, expect, it, onTestFinished, vi } from 'vitest'

import { DatabaseOutOfOrderError } from './database-out-of-order-error.ts'
import { type Database, openDatabase } from './database.ts'
import { connectionUrl } from './embedded/connection-url.ts'
import { silentLink, testDatabase } from './testing/index.ts'
import { inTransaction } from './transaction.ts'

const { appUrl, superuserUrl } = await testDatabase()
const superuser = openDatabase({ url: superuserUrl, max: 2 })
const link = await silentLink(Number(new URL(appUrl).port))
afterAll(async () => {
  await superuser.close()
  await link[Symbol.asyncDispose]()
})

function opened(options: Omit<Parameters<typeof openDatabase>[0], 'url'> = {}): Database {
  const db = openDatabase({ ...options, url: connectionUrl(appUrl, { port: link.port }) })
  onTestFinished(() => db.close())
  return db
}

// A new connection takes its time on a busy machine.
const PATIENT = { timeout: 20_000 }
const isWell = (db: Database): Promise<void> =>
  expect.poll(() => settle(db.monitor.check()), PATIENT).toBeUndefined()

const settle = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error)

it('[RUN-15][OPS-1] however many request health, one probe runs and its outcome serves them all', async () => {
  const db = opened({ max: 2, limits: { everyMs: 60_000 } })
  const taken = vi.spyOn(db.pool, 'connect')
  await Promise.all(Array.from({ length: 50 }, () => db.monitor.check()))
  await db.monitor.check()
  expect(taken).toHaveBeenCalledTimes(1)
  // No caller got an outcome from before a connection was lost.
  db.monitor.forget()
  await Promise.all([db.monitor.check(), db.monitor.check()])
  expect(taken).toHaveBeenCalledTimes(2)
})

it('[RUN-15][OPS-1] a lost connection ends the validity of a probe', async () => {
  const db = opened({ max: 1, limits: { everyMs: 60_000 } })
  await db.monitor.check()
  const taken = vi.spyOn(db.pool, 'connect')
  const lost = new Promise((resolve) => void db.pool.once('error', resolve))
  await superuser.pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE '/* fieldsync probe */%'`)
  await lost
  await db.monitor.check()
  expect(taken).toHaveBeenCalledTimes(1)
})

it('[RUN-15][OPS-1] a probe on a silent connection fails in its own time, and the next one is well', async () => {
  const db = opened({ max: 2, limits: { heartbeatMs: 1_000, everyMs: 0 } })
  await isWell(db)
  link.silence()
  expect(await settle(db.monitor.check())).toBeInstanceOf(Error)
  await isWell(db)
})

it('[RUN-15][OPS-1] with no connection free the answer arrives in time all the same', async () => {
  const db = opened({ max: 1, limits: { heartbeatMs: 100, connectMs: 60_000 } })
  const client = await db.pool.connect()
  expect(await settle(db.monitor.check())).toBeInstanceOf(DatabaseOutOfOrderError)
  client.release()
  await isWell(db)
})

it('[RUN-15][RUN-19] a write that hangs is out of order until it has ended; others go on when a probe is well', async () => {
  const said: string[] = []
  const confirmed = Promise.withResolvers<void>()
  const db = opened({
    limits: { writeMs: 50, everyMs: 0 },
    events: {
      onConnectionClosed: () => undefined,
      onRefusing: ({ message }) => said.push(message),
      onConfirmed: () => confirmed.resolve(),
      onPrimaryChanged: () => undefined,
      onServerRefused: () => undefined,
    },
  })
  const ending = Promise.withResolvers<void>()
  const hanging = db.monitor.write(() => ending.promise)
  await confirmed.promise
  expect(said).toEqual(['a write has not been confirmed for 50 ms'])
  expect(await settle(db.monitor.check())).toMatchObject({
    name: 'DatabaseOutOfOrderError',
    message: expect.stringMatching(/a write has not been confirmed for \d+ s/),
  })
  expect(await inTransaction(db, () => Promise.resolve('written'))).toBe('written')
  ending.resolve()
  await hanging
  await db.monitor.check()
})

it('[RUN-15] a read-only database is out of order, and its connection is not used again', async () => {
  const db = opened({ max: 1, limits: { everyMs: 0 } })
  // Applies to new sessions; the open one detects it only by the probe.
  await db.pool.query(`SELECT set_config('transaction_read_only', 'off', false)`)
  const { rows: before } = await db.pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const name = new URL(appUrl).pathname.slice(1)
  await superuser.pool.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`)
  await superuser.pool.query('SELECT pg_terminate_backend($1, 5000)', [before[0]?.pid])
  // A connection that was just closed may cost a probe or two.
  await expect.poll(() => settle(db.monitor.check()), PATIENT).toMatchObject({ reason: 'read_only' })
  expect(await settle(db.pool.query('SELECT 1'))).toMatchObject({ reason: 'read_only' })
  await superuser.pool.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`)
  await isWell(db)
})
