import {
  addJobs,
  APP_ROLE,
  connectionUrl,
  connectOnce,
  ensureRoles,
  openDatabase,
  OWNER_ROLE,
  readJobs,
  type SingleConnection,
} from '@fieldsync/db'
import { installedPostgres, pgBouncer, runProgram, startServer } from '@fieldsync/testkit'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'

import { healthStatus, pulledIds, sync } from '../testing/sync-over-http.ts'

const PEPPER = 'a pepper of at least 32 characters.'
const ONE = { deviceId: 'dev_one', token: 'pre-shared-token-one' }
const DEVICE_TOKENS = 'ws_ridge/dev_one=pre-shared-token-one'

const stack = new AsyncDisposableStack()
let port: number
let superuserUrl: string
beforeAll(async () => {
  const postgres = stack.use(await installedPostgres())
  await ensureRoles(postgres.url, { database: 'fieldsync', ownerPassword: 'owner', appPassword: 'app' })
  port = postgres.port
  superuserUrl = connectionUrl(postgres.url, { database: 'fieldsync' })
}, 60_000)
afterAll(() => stack.disposeAsync())

/** The environment of a server behind a PgBouncer with these settings. */
async function behind(settings: string) {
  const pooler = await pgBouncer(port, [APP_ROLE, OWNER_ROLE], settings)
  onTestFinished(() => pooler[Symbol.asyncDispose]())
  const url = (user: string) => connectionUrl(superuserUrl, { port: pooler.port, user, password: '' })
  return {
    url: url(APP_ROLE),
    env: { DATABASE_URL: url(APP_ROLE), MIGRATION_DATABASE_URL: url(OWNER_ROLE), PEPPER, DEVICE_TOKENS },
  }
}

it('[RUN-16] [JOB-6] a PgBouncer that keeps sessions needs no other setting, for jobs too, and the limit of a statement holds', async () => {
  const { env, url } = await behind('pool_mode = session')
  await using server = await startServer({ env })
  expect(await healthStatus(server.url)).toBe(200)
  const caller = { ...ONE, url: server.url }
  const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await sync(caller)).status))
  expect(new Set(statuses)).toEqual(new Set([200]))
  expect(await pulledIds(caller)).toHaveLength(20)
  expect(server.logs()).not.toContain('not receiving notifications')

  const db = openDatabase({ url, limits: { statementMs: 200 } })
  onTestFinished(() => db.close())
  const { rows } = await db.pool.query('SHOW statement_timeout')
  expect(rows).toEqual([{ statement_timeout: '200ms' }])
  const payload = { workspaceId: 'ws_ridge', playbookId: 'pbk_yolo_grape', playbookVersion: 3 }
  await addJobs(db.pool, [{ identifier: 'recompute', payload }])
  await expect.poll(() => readJobs(db.pool, { workspaceId: null, limit: 1 })).toEqual([])
  await expect(db.pool.query('SELECT pg_sleep(5)')).rejects.toMatchObject({ code: '57014' })
  expect((await server.kill('SIGTERM')).code).toBe(0)
})

it.each(['transaction', 'statement'])(
  '[RUN-16] a PgBouncer with pool_mode = %s is refused at start, with what to change',
  async (mode) => {
    const { env } = await behind(`pool_mode = ${mode}`)
    await using server = await startServer({ env, until: 'listening' })
    const { code, stderr } = await server.ended
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^Fieldsync cannot start: the pooler in front of the database of DATABASE_URL shares sessions .*pool_mode = session/,
    )
    // The command line writes too.
    const command = await runProgram('cli/main.ts', ['workspace', 'list'], env)
    expect(command.code).toBe(4)
    expect(command.stderr).toContain('pool_mode = session')
  },
)

it('[RUN-16] sharing is found out whichever server the pooler picks, and while others use it', async () => {
  const { env } = await behind('pool_mode = transaction\nserver_round_robin = 1')
  // Several servers are open, and each transaction gets the next.
  const others = await Promise.all(
    Array.from({ length: 3 }, () => connectOnce({ url: env.DATABASE_URL, applicationName: 'other' })),
  )
  for (const other of others) onTestFinished(() => other[Symbol.asyncDispose]())
  await Promise.all(others.map(({ client }) => client.query('SELECT pg_sleep(0.1)')))
  await using server = await startServer({ env, until: 'listening' })
  const { code, stderr } = await server.ended
  expect(stderr).toContain('shares sessions')
  expect(code).toBe(1)
})

it('[RUN-19] what a pooler says when it cannot serve is in the log', async () => {
  const { env } = await behind('pool_mode = session\nmax_client_conn = 1')
  // The connection that checked whether it listens may still be open.
  const take = () => connectOnce({ url: env.DATABASE_URL, applicationName: 'other' }).catch(() => undefined)
  let taken: SingleConnection | undefined
  await expect.poll(async () => (taken = await take())).toBeDefined()
  onTestFinished(async () => await taken?.[Symbol.asyncDispose]())
  await using server = await startServer({ env: { ...env, DEVICE_TOKENS }, until: 'listening' })
  const line = await server.logged('the database cannot be reached yet; waiting')
  expect(line['reason']).toContain('no more connections allowed')
})
