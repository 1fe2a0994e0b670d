import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { runningEmbeddedPostgres } from '@fieldsync/db'
import { startServer, testDatabase } from '@fieldsync/testkit'
import pg from 'pg'
import { afterAll, expect, it, onTestFinished } from 'vitest'

import { pulledIds, sync } from '../testing/sync-over-http.ts'

const TOKEN = 'pre-shared-token-of-scout-1'
const KILLED = { deviceId: 'dev_scout_2', token: 'pre-shared-token-of-scout-2' }
const DEVICE_TOKENS = `ws_ridge/dev_scout_1=${TOKEN},ws_hill/${KILLED.deviceId}=${KILLED.token}`

// One data folder for one server after the other: each starts on what the last one left, and makes no cluster of its own.
const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-process-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const env = { DEVICE_TOKENS, DATA_DIR: path.join(folder, 'data') }

it.each(['SIGTERM', 'SIGINT'] as const)(
  '[RUN-8] %s under load: every answer is whole, exit code 0, no process left',
  async (signal) => {
    await using server = await startServer({ env })
    const caller = { url: server.url, deviceId: 'dev_scout_1', token: TOKEN }
    const outcomes: string[] = []
    const workers = Array.from({ length: 4 }, async () => {
      for (;;) {
        const outcome = await sync(caller).then(
          async (response) => `${response.status} ${typeof (await response.json())}`,
          () => 'refused',
        )
        outcomes.push(outcome)
        if (outcome !== '200 object') return
      }
    })
    await expect.poll(() => outcomes.length, { timeout: 20_000 }).toBeGreaterThan(20)
    const { code } = await server.kill(signal)
    await Promise.all(workers)
    expect(code).toBe(0)
    expect(outcomes.filter((outcome) => !['200 object', '503 object', 'refused'].includes(outcome))).toEqual(
      [],
    )
    expect(await runningEmbeddedPostgres(path.join(server.dataDir, 'postgres'))).toBeUndefined()
  },
)

it('[RUN-8] a second signal ends the server at once, with exit code 1', async () => {
  await using server = await startServer({ env: { ...env, DRAIN_TIMEOUT_MS: '60000' } })
  // A body that never ends keeps the drain waiting.
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{')),
  })
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'k', 'x-device-token': TOKEN }
  // Browser types, which the client brings in, lack half-duplex bodies.
  const request = { method: 'POST', headers, body, duplex: 'half' as const }
  const hanging = fetch(`${server.url}/v1/sync/batch`, request)
  const failed = expect(hanging).rejects.toThrow('fetch failed')
  await pulledIds({ url: server.url, deviceId: 'dev_scout_1', token: TOKEN })
  const ended = server.kill('SIGTERM')
  await server.logged('stop signal; finishing running requests')
  await server.kill('SIGINT')
  expect((await ended).code).toBe(1)
  await failed
})

it('[DEV-2] [RUN-8] what the last pull said of its device is stored before the server ends', async () => {
  const { ownerUrl } = await testDatabase()
  await using server = await startServer({ env: { DEVICE_TOKENS, DATABASE_URL: ownerUrl } })
  // A pull is noted half a second later.
  await pulledIds({ url: server.url, deviceId: 'dev_scout_1', token: TOKEN })
  expect((await server.kill('SIGTERM')).code).toBe(0)
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  onTestFinished(() => client.end())
  const { rows } = await client.query('SELECT device_id FROM device_states WHERE last_seen_at IS NOT NULL')
  expect(rows).toEqual([{ device_id: 'dev_scout_1' }])
})

it('an uncaught error is logged and ends the server with exit code 1', async () => {
  const bug = 'process.once("SIGUSR2", () => { void Promise.reject(new Error("a bug")) })'
  await using server = await startServer({
    env: { ...env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(bug)}` },
  })
  const { code, stdout } = await server.kill('SIGUSR2')
  expect(code).toBe(1)
  expect(stdout).toMatch(/"level":"fatal".*a bug/)
  expect(stdout).toContain('PostgreSQL has stopped')
})

it('[RUN-9] goes on by itself after its PostgreSQL was killed, with every acknowledged record', async () => {
  await using server = await startServer({ env })
  const caller = { ...KILLED, url: server.url }
  expect((await sync(caller)).status).toBe(200)
  const { pid } = await server.logged('PostgreSQL is running')
  process.kill(Number(pid), 'SIGKILL')
  await server.logged('PostgreSQL ended unexpectedly; it is being restarted')
  const statuses: number[] = []
  await expect
    .poll(
      async () => {
        const { status } = await sync(caller, {})
        statuses.push(status)
        return status
      },
      { timeout: 30_000 },
    )
    .toBe(200)
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([])
  await server.logged('PostgreSQL is running again')
  expect((await sync(caller)).status).toBe(200)
  expect(await pulledIds(caller)).toHaveLength(2)
})
