import { request } from 'node:http'

import {
  type Caller,
  callOperation,
  device,
  observation,
  openLive,
  postBatch,
  pullPage,
  syncBatch,
  type TestServer,
} from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { holdWrites } from './testing/blocked-writes.ts'
import { metricsAddress, scrape, type Scrape, seriesOf } from './testing/scraped-metrics.ts'
import { sharedSystem } from './testing/shared-system.ts'

const RATE = 40
const system = await sharedSystem(2, {
  METRICS_PORT: '0',
  RATE_LIMIT_PER_MINUTE: String(RATE),
  LIVE_MAX_STREAMS: '1',
})
const [server, other] = system.servers
if (!other) throw new Error('two servers')
const address = await metricsAddress(server)

const newBatch = (deviceId: string, records = 1) =>
  syncBatch({
    device: device({ deviceId }),
    observations: Array.from({ length: records }, () => observation({ deviceId })),
  })
const of = (operation: string, outcome: string) => `operation="${operation}",outcome="${outcome}"`

/** How much each series of calls has grown. */
async function grown(before: Scrape, name: string): Promise<Record<string, number>> {
  const earlier = seriesOf(before, name)
  const now = Object.entries(seriesOf(await scrape(address), name))
  return Object.fromEntries(
    now.map(([key, value]) => [key, value - (earlier[key] ?? 0)]).filter(([, value]) => value !== 0),
  )
}

/** A request without a library's checks of its path and method. */
async function raw(url: string, method: string, path: string, headers: Record<string, string> = {}) {
  const { hostname, port } = new URL(url)
  await new Promise<void>((resolve, reject) => {
    request({ hostname, port, method, path, headers }, (answer) => answer.resume().on('end', resolve))
      .on('error', reject)
      .end()
  })
}

async function newCaller(role: 'scout' | 'admin' = 'scout', name = 'dev_scout_1'): Promise<Caller> {
  return await system.device(await system.workspace(), name, role)
}

it('[MON-2][MON-3][MON-8] a scrape counts every call that was sent, by operation and outcome', async () => {
  const caller = await newCaller()
  const before = await scrape(address)
  const first = newBatch(caller.deviceId, 3)
  await Promise.all(Array.from({ length: 5 }, () => postBatch(caller, newBatch(caller.deviceId))))
  await postBatch(caller, first)
  for (let sent = 0; sent < 4; sent++) await postBatch(caller, first) // replays
  await postBatch(caller, newBatch(caller.deviceId, 2), first.syncId) // the key of another payload
  // Two conflicts: records of another device.
  await postBatch(caller, conflicting(caller.deviceId))
  await pullPage(caller)
  await postBatch({ ...caller, token: 'a-token-that-nobody-has' }, newBatch(caller.deviceId))
  await postBatch(caller, { ...newBatch(caller.deviceId), syncId: '' })
  const { url, token } = caller
  await callOperation({ url, token, operation: 'audit.list', input: {} }) // not a scout's
  await callOperation({ url, token, operation: 'observations.get', input: { observationId: 'obs_none' } })
  await callOperation({ url, token: undefined, operation: 'health', input: {} })
  await raw(url, 'DELETE', '/v1/health')
  await raw(url, 'GET', '/v1/nowhere')
  await raw(url, 'GET', '/docs')
  const headers = { 'x-device-token': token }
  await raw(url, 'GET', '/trpc/health,session.get,observations.list?batch=1&input=%7B%7D', headers)

  await expect
    .poll(() => grown(before, 'fieldsync_requests_total'))
    .toMatchObject({
      [of('sync.batch', 'ok')]: 8,
      [of('sync.batch', 'replay')]: 4,
      [of('sync.batch', 'IDEMPOTENCY_CONFLICT')]: 1,
      [of('sync.batch', 'AUTH_REQUIRED')]: 1,
      [of('sync.batch', 'VALIDATION_ERROR')]: 1,
      [of('audit.list', 'FORBIDDEN')]: 1,
      [of('observations.get', 'VALIDATION_ERROR')]: 1,
      [of('health', 'ok')]: 2,
      [of('session.get', 'ok')]: 1,
      [of('observations.list', 'ok')]: 1,
      [of('unknown', 'METHOD_NOT_ALLOWED')]: 1,
      [of('unknown', 'NOT_FOUND')]: 1,
      [of('page', 'ok')]: 1,
    })
  const now = await scrape(address)
  const since = (series: string) => (now.get(series) ?? 0) - (before.get(series) ?? 0)
  // Seven batches of records took effect, of 5 + 3 + 2 records; each was one write.
  expect(since('fieldsync_batch_records_count')).toBe(7)
  expect(since('fieldsync_batch_records_sum')).toBe(10)
  expect(await grown(before, 'fieldsync_conflicts_total')).toEqual({
    'code="FORBIDDEN"': 2,
  })
  // A key conflict and a replay reach the database too; pulls and refusals do not.
  expect(since('fieldsync_commit_writes_sum')).toBe(12)
  expect(since('fieldsync_commit_wait_seconds_count')).toBe(12)
  expect(since('fieldsync_commit_writes_count')).toBeLessThanOrEqual(12)
  expect(await grown(before, 'fieldsync_credentials_refused_total')).toEqual({
    'kind="credential",reason="invalid"': 1,
  })
  const lines = server.logs().split('\n')
  expect(JSON.parse(lines.find((line) => line.includes('GET /v1/audit 403')) ?? '{}')).toMatchObject({
    operation: 'audit.list',
    deviceId: caller.deviceId,
    workspaceId: expect.stringMatching(/^ws_/),
    code: 'FORBIDDEN',
    reason: 'role',
  })
})

const conflicting = (deviceId: string) =>
  syncBatch({
    device: device({ deviceId }),
    observations: [1, 2].map(() => observation({ deviceId: 'dev_scout_9' })),
  })

it('[MON-2] counts 429, 500 and 503 under the operation that they ended', async () => {
  const limited = await newCaller()
  const before = await scrape(address)
  for (let sent = 0; sent < RATE + 3; sent++) await pullPage(limited).catch(() => undefined)
  const { url, token } = await newCaller()
  await system.superuser.pool.query('ALTER TABLE weather_features RENAME TO hidden')
  try {
    const input = { weatherFeaturesId: 'wxf_20260211_demo_01' }
    await callOperation({ url, token, operation: 'weather.get', input })
  } finally {
    await system.superuser.pool.query('ALTER TABLE hidden RENAME TO weather_features')
  }
  await using stream = await openLive({ url, token })
  expect(stream.status).toBe(200)
  const further = await newCaller()
  await using refused = await openLive(further)
  await expect
    .poll(() => grown(before, 'fieldsync_requests_total'))
    .toMatchObject({
      [of('sync.batch', 'ok')]: RATE,
      [of('sync.batch', 'RATE_LIMITED')]: 3,
      [of('weather.get', 'INTERNAL_ERROR')]: 1,
      [of('sync.live', 'UNAVAILABLE')]: 1,
    })
  expect(refused.status).toBe(503)
  expect((await scrape(address)).get('fieldsync_live_streams')).toBe(1)
})

it('[MON-2] the number of series does not depend on what clients send', async () => {
  const { url, token, deviceId } = await newCaller('admin', 'dev_admin_1')
  const hostile = async (seed: number): Promise<void> => {
    for (let n = 0; n < 12; n++) {
      const odd = `${seed}-${n}`
      await raw(url, ['GET', 'PUT', 'PROPFIND', 'M-SEARCH'][n % 4] ?? 'GET', `/v1/${odd}?${odd}`, {
        'fieldsync-contract': n % 2 === 0 ? `1.${seed}${n}.0` : odd,
        'user-agent': odd,
      })
      await raw(url, 'GET', `/trpc/${odd},${odd}?batch=1`, { 'x-device-token': odd })
      await raw(url, 'GET', `/${odd}`)
      await raw(url, 'POST', `/oauth/${odd}`)
      await raw(url, 'GET', `/auth/${odd}`)
      await raw(url, 'GET', `/v1/observations/${odd}`, { 'x-device-token': token })
    }
    await postBatch({ url, token, deviceId }, newBatch(deviceId), `key-${seed}`)
  }
  await hostile(1)
  const first = await scrape(address)
  await hostile(2)
  const second = await scrape(address)
  // Of Node.js there is what is open at the moment of a scrape, by its kind, and each kind of collection from its first one.
  const lasting = (series: ReadonlyMap<string, unknown>): string[] =>
    [...series.keys()].filter((name) => !/^nodejs_(?:active|gc)_/.test(name))
  expect(lasting(second)).toEqual(lasting(first))
  expect([...second.keys()].filter((series) => /"(ws|dev|obs)_|\/v1/.test(series))).toEqual([])
})

it('[MON-4][MON-5] two servers count for themselves, and say the same of their database', async () => {
  const caller = await newCaller()
  const there = await metricsAddress(other)
  const before = await Promise.all([scrape(address), scrape(there)])
  for (const { url } of [server, other, other]) await postBatch({ ...caller, url }, newBatch(caller.deviceId))
  const now = await Promise.all([scrape(address), scrape(there)])
  const sent = (index: 0 | 1) =>
    (now[index].get('fieldsync_batch_records_sum') ?? 0) -
    (before[index].get('fieldsync_batch_records_sum') ?? 0)
  expect([sent(0), sent(1)]).toEqual([1, 2])
  for (const found of now) {
    expect(found.get('fieldsync_database_up')).toBe(1)
    expect(found.get('fieldsync_ready')).toBe(1)
    expect(found.get('fieldsync_writes_refused')).toBe(0)
    expect(found.get('fieldsync_pool_connections_max')).toBe(10)
    expect(found.get('fieldsync_database_size_bytes')).toBeGreaterThan(1_000_000)
    expect(found.get('fieldsync_disk_free_bytes')).toBeGreaterThan(0)
    expect(found.get('fieldsync_workspaces')).toBeGreaterThan(0)
    const newest = found.get('fieldsync_audit_newest_entry_timestamp_seconds') ?? 0
    expect(Math.abs(Date.now() / 1000 - newest)).toBeLessThan(120)
    expect(found.get('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0)
    expect(Object.keys(seriesOf(found, 'fieldsync_build_info'))).toEqual([
      expect.stringMatching(/^version="\d.*",contract="1\.\d+\.0",node="\d/),
    ])
  }
})

it('[MON-6][MON-7] a draining server lives and is not ready, on the port of the monitors until its end', async () => {
  const workspaceId = await system.workspace()
  const caller = await system.device(workspaceId, 'dev_scout_1', 'scout')
  const draining = await system.start()
  const monitors = (await metricsAddress(draining)).replace('/metrics', '')
  const statusOf = async (base: string, path: string) => (await fetch(`${base}${path}`)).status
  for (const base of [monitors, draining.url]) expect(await statusOf(base, '/readyz')).toBe(200)
  await using writes = await holdWrites(system.superuser, workspaceId)
  const answer = postBatch({ ...caller, url: draining.url }, newBatch(caller.deviceId))
  await writes.waiting(1)
  const ended = draining.kill('SIGTERM')
  await draining.logged('stop signal; finishing running requests')
  await expect.poll(() => statusOf(monitors, '/readyz')).toBe(503)
  expect(await (await fetch(`${monitors}/readyz`)).json()).toEqual({
    status: 'not_ready',
    reason: 'draining',
  })
  expect(await statusOf(monitors, '/livez')).toBe(200)
  expect((await scrape(`${monitors}/metrics`)).get('fieldsync_ready')).toBe(0)
  await writes.release()
  expect((await answer).status).toBe(200)
  expect((await ended).code).toBe(0)
  await draining[Symbol.asyncDispose]()
})

it('[MON-1] serves metrics on the main port only with the token, and on no port unless asked to', async () => {
  const token = 'a-token-for-the-monitor'
  const started: TestServer[] = await Promise.all([
    system.start({ METRICS_PORT: '', METRICS_TOKEN: token }),
    system.start({ METRICS_PORT: '' }),
  ])
  try {
    const [guarded, silent] = started.map(({ url }) => `${url}/metrics`)
    if (!guarded || !silent) throw new Error('two servers')
    const status = async (url: string, authorization?: string) =>
      (await fetch(url, authorization === undefined ? {} : { headers: { authorization } })).status
    expect(await status(guarded)).toBe(401)
    expect(await status(guarded, 'Bearer another-token-for-it')).toBe(401)
    expect(await status(guarded, `Bearer ${token}x`)).toBe(401)
    expect(await status(`${guarded}?token=${token}`)).toBe(401)
    expect((await scrape(guarded, { authorization: `Bearer ${token}` })).size).toBeGreaterThan(50)
    expect(await status(silent, `Bearer ${token}`)).toBe(404)
    expect(await status(`${server.url}/metrics`)).toBe(404)
    expect((await fetch(address, { method: 'POST' })).status).toBe(405)
  } finally {
    for (const each of started) await each[Symbol.asyncDispose]()
  }
})
