import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { connectionUrl } from '@fieldsync/db'
import { startServer, testDatabase } from '@fieldsync/testkit'
import { expect, it, onTestFinished } from 'vitest'

import { switchableLink } from '../testing/switchable-link.ts'
import { healthStatus, pulledIds, sync } from '../testing/sync-over-http.ts'

const PEPPER = 'a pepper of at least 32 characters.'
const DEVICE_TOKENS = 'ws_ridge/dev_one=pre-shared-token-one,ws_ridge/dev_two#scout=pre-shared-token-two'
const ONE = { deviceId: 'dev_one', token: 'pre-shared-token-one' }
const TWO = { deviceId: 'dev_two', token: 'pre-shared-token-two' }

it('[RUN-3] [RUN-4] two servers start at once on one empty database and serve it together', async () => {
  const { ownerUrl, appUrl } = await testDatabase({ empty: true })
  const secrets = await mkdtemp(path.join(tmpdir(), 'fieldsync-process-'))
  onTestFinished(() => rm(secrets, { recursive: true, force: true }))
  // No PEPPER: both must use the one that the first creates.
  const env = { DATABASE_URL: appUrl, MIGRATION_DATABASE_URL: ownerUrl, SECRETS_DIR: secrets, DEVICE_TOKENS }
  const [first, second] = await Promise.all([startServer({ env }), startServer({ env })])
  await using stack = new AsyncDisposableStack()
  stack.use(first)
  stack.use(second)
  expect((await sync({ ...ONE, url: first.url })).status).toBe(200)
  expect((await sync({ ...TWO, url: second.url })).status).toBe(200)
  const ids = await pulledIds({ ...ONE, url: first.url })
  expect(ids).toHaveLength(2)
  expect(await pulledIds({ ...TWO, url: second.url })).toEqual(ids)
  expect(await readdir(secrets)).toEqual(['checkpoint-key', 'pepper'])
  expect(first.logs()).not.toContain('one database role')
  expect((await first.kill('SIGTERM')).code).toBe(0)
  expect(await healthStatus(second.url)).toBe(200)
})

it('[RUN-9] waits for a database that is unavailable at start, and recovers when it was unavailable later', async () => {
  const database = await testDatabase()
  await using link = await switchableLink(Number(new URL(database.appUrl).port))
  const env = { DATABASE_URL: connectionUrl(database.ownerUrl, { port: link.port }), PEPPER, DEVICE_TOKENS }
  await using server = await startServer({ env, until: 'listening' })
  await server.logged('the database cannot be reached yet; waiting')
  expect(await healthStatus(server.url)).toBe(503)
  await link.up()
  await server.logged('ready')
  expect(server.logs()).toContain('use one database role')
  const caller = { ...ONE, url: server.url }
  expect((await sync(caller)).status).toBe(200)

  await link.down()
  const away = await sync(caller)
  expect(away.status).toBe(503)
  expect(Number(away.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  expect(await away.json()).toMatchObject({ error: { code: 'UNAVAILABLE', retryable: true } })
  expect(await healthStatus(server.url)).toBe(503)
  // The cause is for the operator, not for the caller.
  const line = await server.logged('POST /v1/sync/batch 503')
  expect(line).toMatchObject({ level: 'error', reason: expect.stringMatching(/ECONN|terminated/) })

  await link.up()
  await expect.poll(() => healthStatus(server.url), { timeout: 20_000 }).toBe(200)
  expect((await sync(caller)).status).toBe(200)
  expect(await pulledIds(caller)).toHaveLength(2)
})

it('[RUN-8] stops cleanly while it still waits for its database', async () => {
  await using link = await switchableLink(1)
  const env = { DATABASE_URL: `postgresql://app:pw@127.0.0.1:${link.port}/x`, PEPPER }
  await using server = await startServer({ env, until: 'listening' })
  await server.logged('the database cannot be reached yet; waiting')
  expect((await server.kill('SIGTERM')).code).toBe(0)
})
