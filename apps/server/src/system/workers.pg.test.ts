import { type Caller, DeviceKey, type LiveEvents, openLive, type RestAnswer } from '@fieldsync/testkit'
import { expect, it, onTestFinished, vi } from 'vitest'

import { holdWrites } from './testing/blocked-writes.ts'
import { askAnew, isRunning, logged, workerPids, writeAnew } from './testing/fresh-connection.ts'
import { metricsAddress, scrape } from './testing/scraped-metrics.ts'
import { sharedSystem } from './testing/shared-system.ts'

// Each starts several processes, which all load the server.
vi.setConfig({ testTimeout: 180_000 })

const WORKERS = 3
const NAMES = ['worker_1', 'worker_2', 'worker_3']
const TOKEN = 'a-token-for-the-monitor'

const system = await sharedSystem(1, { WORKERS: String(WORKERS), METRICS_TOKEN: TOKEN })
const [server] = system.servers

/** A further server of three processes, with these settings. */
async function started(env: Readonly<Record<string, string>> = {}) {
  const each = await system.start(env)
  onTestFinished(() => each[Symbol.asyncDispose]())
  return each
}

async function newCaller(url = server.url, deviceId = 'dev_scout_1'): Promise<Caller> {
  return { ...(await system.device(await system.workspace(), deviceId, 'scout')), url }
}

const many = <T>(count: number, call: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => call(index)))

const statuses = (answers: readonly RestAnswer[]): Record<number, number> => {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

async function connected(caller: Caller): Promise<LiveEvents> {
  const stream = await openLive(caller)
  onTestFinished(() => stream[Symbol.asyncDispose]())
  if (stream.status === 200) expect((await stream.next())?.event).toBe('connected')
  return stream
}

it('[RUN-54] every worker answers requests on the one port, and each line of the log names its process', async () => {
  const caller = await newCaller()
  const answers = await many(2 * WORKERS, () => writeAnew(caller))
  expect(statuses(answers)).toEqual({ 200: 2 * WORKERS })
  const processes = () =>
    new Set(logged(server, 'POST /v1/sync/batch 200').map((line) => String(line['process'])))
  await expect.poll(() => [...processes()].sort()).toEqual(NAMES)
  expect((await server.logged('starting'))['process']).toBe('main')
  expect(new Set(workerPids(server).keys())).toEqual(new Set([1, 2, 3]))
  expect(logged(server, 'ready')).toHaveLength(1)
})

it('[RUN-60] background jobs are done by one process of a server', async () => {
  const { rows } = await system.superuser.pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = $1 AND application_name = 'fieldsync-jobs'`,
    [system.database.name],
  )
  // One to listen on, one to work on.
  expect(rows[0]?.n).toBeLessThanOrEqual(2)
  expect(rows[0]?.n).toBeGreaterThan(0)
})

it('[RUN-60] [AUD-32] a checkpoint that the main process has written reaches devices at every worker', async () => {
  const caller = await newCaller()
  expect((await writeAnew(caller)).status).toBe(200)
  // Its first round is at its start.
  const { url } = await started()
  const carried = async () =>
    (await many(2 * WORKERS, () => writeAnew({ ...caller, url }))).map(({ text }) =>
      text.includes('"checkpoint":'),
    )
  await expect.poll(carried).toEqual(Array.from({ length: 2 * WORKERS }, () => true))
})

it('[RUN-55] [LIV-2] a write at any process pokes the streams at every process', async () => {
  const workspaceId = await system.workspace()
  const [first, ...others] = await many(WORKERS * 2, (index) =>
    system.device(workspaceId, `dev_scout_${index}`, 'scout'),
  )
  if (!first) throw new Error('a device')
  const streams: LiveEvents[] = []
  for (const each of [first, ...others]) streams.push(await connected(each))
  for (let write = 0; write < WORKERS; write++) {
    expect((await writeAnew(first)).status).toBe(200)
    for (const stream of streams) expect((await stream.next())?.data).toBe('{"type":"poke"}')
  }
})

it('[RUN-55] [LIV-6] the limits of streams hold for the whole server', async () => {
  const { url } = await started({ LIVE_MAX_STREAMS: '4', LIVE_STREAMS_PER_DEVICE: '2' })
  const caller = await newCaller(url)
  const [oldest, second, third] = [await connected(caller), await connected(caller), await connected(caller)]
  expect((await oldest.next())?.data).toContain('newer live streams')
  const others = [await connected(await newCaller(url)), await connected(await newCaller(url))]
  expect([second, third, ...others].map(({ status }) => status)).toEqual([200, 200, 200, 200])
  const further = await newCaller(url)
  for (let each = 0; each < WORKERS; each++) expect((await connected(further)).status).toBe(503)
  await second[Symbol.asyncDispose]()
  await expect.poll(async () => (await connected(further)).status).toBe(200)
})

it('[RUN-55] [ERR-18] a device has its rate at all processes together', async () => {
  const caller = await newCaller((await started({ RATE_LIMIT_PER_MINUTE: '10' })).url)
  expect(statuses(await many(50, () => writeAnew(caller)))).toEqual({ 200: 10, 429: 40 })
})

it('[RUN-55] [ACC-17] one proof that is used fifty times at once, at all processes, counts once', async () => {
  const workspaceId = await system.workspace()
  const { url } = server
  const key = await DeviceKey.generate()
  const code = await system.enrollmentCode(workspaceId, 'dev_scout_1')
  const { clientId } = (await (await key.enroll(url, code)).json()) as { clientId: string }
  const token = async () => {
    const answer = (await (await key.token(url, clientId, { at: new Date() })).json()) as {
      access_token: string
    }
    return answer.access_token
  }
  const accessToken = await token()
  const address = `${url}/v1/session`
  const proof = await key.proof({ method: 'GET', url: address, accessToken })
  const headers = { authorization: `DPoP ${accessToken}`, dpop: proof }
  const answers = await many(50, () => askAnew(address, { headers }))
  expect(statuses(answers)).toEqual({ 200: 1, 401: 49 })
  const reasons = answers
    .filter(({ status }) => status === 401)
    .map(({ text }) => /"reason":"(\w+)"/.exec(text)?.[1])
  expect(new Set(reasons)).toEqual(new Set(['replayed']))
})

it('[RUN-56] health and readiness are those of the server, whichever process is asked', async () => {
  const workspaceId = await system.workspace()
  const caller = await system.device(workspaceId, 'dev_scout_1', 'scout')
  const asked = async (path: string) =>
    statuses(await many(2 * WORKERS, () => askAnew(`${server.url}${path}`)))
  for (const path of ['/v1/health', '/readyz', '/livez'])
    expect(await asked(path)).toEqual({ 200: 2 * WORKERS })
  {
    // A write under way for ten seconds is known to one process.
    await using writes = await holdWrites(system.superuser, workspaceId)
    const answer = writeAnew(caller)
    await writes.waiting(1)
    await expect
      .poll(() => asked('/v1/health'), { timeout: 20_000, interval: 200 })
      .toEqual({ 503: 2 * WORKERS })
    expect(await asked('/readyz')).toEqual({ 503: 2 * WORKERS })
    expect(await asked('/livez')).toEqual({ 200: 2 * WORKERS })
    await writes.release()
    expect((await answer).status).toBe(200)
  }
  for (const path of ['/v1/health', '/readyz'])
    await expect.poll(() => asked(path), { timeout: 10_000 }).toEqual({ 200: 2 * WORKERS })
})

it('[MON-12] metrics are of the whole server, whichever process is scraped', async () => {
  const authorization = `Bearer ${TOKEN}`
  const scrapes = () =>
    many(WORKERS, () => scrape(`${server.url}/metrics`, { authorization, connection: 'close' }))
  const [before] = await scrapes()
  const caller = await newCaller()
  await many(2 * WORKERS, () => writeAnew(caller))
  const sum = 'fieldsync_batch_records_sum'
  await expect
    .poll(async () => (await scrapes()).map((found) => (found.get(sum) ?? 0) - (before?.get(sum) ?? 0)))
    .toEqual(Array.from({ length: WORKERS }, () => 2 * WORKERS))
  const [found] = await scrapes()
  expect(found?.get('fieldsync_workers')).toBe(WORKERS)
  expect(found?.get('fieldsync_ready')).toBe(1)
  expect(found?.get('fieldsync_database_up')).toBe(1)
  expect(found?.get('fieldsync_pool_connections_max')).toBe(10 * (WORKERS + 1))
  for (const name of ['main', ...NAMES])
    expect(found?.get(`process_resident_memory_bytes{process="${name}"}`)).toBeGreaterThan(1e6)
})

it('[RUN-59] a worker that is killed takes its own requests along, and is started again', async () => {
  const killed = await started({ METRICS_PORT: '0', METRICS_TOKEN: '' })
  const workspaceId = await system.workspace()
  const caller = { ...(await system.device(workspaceId, 'dev_scout_1', 'scout')), url: killed.url }
  const pids = workerPids(killed)
  await using writes = await holdWrites(system.superuser, workspaceId)
  const under = many(WORKERS, () =>
    writeAnew(caller).then(
      ({ status }) => status,
      () => 'cut',
    ),
  )
  await writes.waiting(WORKERS)
  const metrics = await metricsAddress(killed)
  const before = await scrape(metrics)
  process.kill(pids.get(2) ?? 0, 'SIGKILL')
  await killed.logged('a worker process ended unexpectedly; it is being started again')
  await writes.release()
  expect((await under).map(String).sort()).toEqual(['200', '200', 'cut'])
  await expect.poll(() => workerPids(killed).get(2), { timeout: 60_000 }).not.toBe(pids.get(2))
  expect(workerPids(killed).get(1)).toBe(pids.get(1))
  expect(statuses(await many(2 * WORKERS, () => writeAnew(caller)))).toEqual({ 200: 2 * WORKERS })
  const now = await scrape(metrics)
  expect(now.get('fieldsync_worker_restarts_total')).toBe(1)
  expect(now.get('fieldsync_workers')).toBe(WORKERS)
  const total = (found: typeof now) => found.get('fieldsync_commit_writes_sum') ?? 0
  expect(total(now)).toBeGreaterThanOrEqual(total(before))
})

it('[RUN-57] SIGTERM: what is under way at every process finishes, streams end, and no process is left', async () => {
  const stopped = await started()
  const workspaceId = await system.workspace()
  const caller = { ...(await system.device(workspaceId, 'dev_scout_1', 'scout')), url: stopped.url }
  const pids = [...workerPids(stopped).values()]
  const streams: LiveEvents[] = []
  for (let each = 0; each < WORKERS; each++) streams.push(await connected(caller))
  await using writes = await holdWrites(system.superuser, workspaceId)
  const under = many(WORKERS, () => writeAnew(caller))
  await writes.waiting(WORKERS)
  const ended = stopped.kill('SIGTERM')
  await stopped.logged('stop signal; finishing running requests')
  for (const stream of streams) expect((await stream.next())?.data).toContain('shutting down')
  await expect(writeAnew(caller)).rejects.toThrow('ECONNREFUSED')
  await writes.release()
  expect(statuses(await under)).toEqual({ 200: WORKERS })
  const { code, stdout, stderr } = await ended
  expect(code).toBe(0)
  expect(stdout).toMatch(/"cut":0.*"drained"/)
  expect(stdout + stderr).not.toContain('left over')
  expect(await Promise.all(pids.map(isRunning))).toEqual(pids.map(() => false))
  // What the calls have said of their device is stored at the end (DEV-2).
  const { rows } = await system.superuser.pool.query(
    'SELECT device_id FROM device_states WHERE workspace_id = $1 AND last_seen_at IS NOT NULL',
    [workspaceId],
  )
  expect(rows).toEqual([{ device_id: 'dev_scout_1' }])
})

it('[RUN-57] a second signal ends all processes at once, with exit code 1', async () => {
  const stopped = await started({ DRAIN_TIMEOUT_MS: '60000' })
  const workspaceId = await system.workspace()
  const caller = { ...(await system.device(workspaceId, 'dev_scout_1', 'scout')), url: stopped.url }
  const pids = [...workerPids(stopped).values()]
  await using writes = await holdWrites(system.superuser, workspaceId)
  const cut = expect(writeAnew(caller)).rejects.toThrow('socket hang up')
  await writes.waiting(1)
  const ended = stopped.kill('SIGTERM')
  await stopped.logged('stop signal; finishing running requests')
  await stopped.kill('SIGINT')
  expect((await ended).code).toBe(1)
  await cut
  await expect.poll(() => Promise.all(pids.map(isRunning))).toEqual(pids.map(() => false))
})
