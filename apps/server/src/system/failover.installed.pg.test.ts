import { parseDatabaseUrl } from '@fieldsync/db'
import { type Caller, roundSeeds, seededRandom, startServer, type TestServer } from '@fieldsync/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { runCommand } from '../testing/client-devices.ts'
import { type DatabasePair, databasePair } from './testing/database-pair.ts'
import { metricsAddress, scrape } from './testing/scraped-metrics.ts'
import { SentBatches } from './testing/sent-batches.ts'

const WORKSPACE = 'ws_ridge'
const AUDITOR = 'dev_auditor'
/** Of each server. */
const WRITERS = 2
const TIMEOUT = 240_000

const stack = new AsyncDisposableStack()
let pair: DatabasePair
let servers: readonly [TestServer, TestServer]
let env: Record<string, string>
const sent = new SentBatches()
const figures: string[] = []

const idsOf = (server: number): string[] =>
  Array.from({ length: WRITERS }, (_, n) => `dev_scout_${server}_${n}`)
const tokenOf = (deviceId: string): string => `pre-shared-token-of-${deviceId}`
const callerAt = ({ url }: TestServer, deviceId: string): Caller => ({
  url,
  deviceId,
  token: tokenOf(deviceId),
})
/** The devices by the server that they call. */
const writersOf = (server: 0 | 1): Caller[] => idsOf(server).map((id) => callerAt(servers[server], id))

beforeAll(async () => {
  pair = stack.use(await databasePair())
  env = {
    ...pair.env,
    PEPPER: 'a pepper of at least 32 characters.',
    CHECKPOINT_KEY: 'a checkpoint key of 32 characters.',
    RATE_LIMIT_PER_MINUTE: 'off',
    METRICS_PORT: '0',
    DEVICE_TOKENS: [...idsOf(0), ...idsOf(1), AUDITOR]
      .map((id) => `${WORKSPACE}/${id}=${tokenOf(id)}`)
      .join(','),
  }
  servers = [stack.use(await startServer({ env })), stack.use(await startServer({ env }))]
  await pair.query('GRANT pg_read_all_stats TO fieldsync_app')
}, TIMEOUT)
afterAll(async () => {
  await stack.disposeAsync()
  process.stdout.write(`${figures.join('\n')}\n`)
})

const readiness = async (): Promise<unknown> => {
  const response = await fetch(`${servers[0].url}/readyz`)
  const { reason } = (await response.json()) as { reason?: string }
  return { status: response.status, reason }
}

it(
  '[HA-5] a synchronous standby that is missing shows in readiness, in the metrics and to the doctor, until it is back',
  async () => {
    const address = await metricsAddress(servers[0])
    const standbys = async (): Promise<unknown> => {
      const found = await scrape(address)
      const read = (name: string) => found.get(`fieldsync_synchronous_standbys${name}`)
      return { required: read('_required'), present: read('') }
    }
    const diagnosis = async (): Promise<string> =>
      (await runCommand(['doctor', '--json'], { ...env, DATA_DIR: servers[0].dataDir })).stdout
    await expect.poll(standbys, { timeout: 30_000 }).toEqual({ required: 1, present: 1 })
    await expect.poll(readiness).toEqual({ status: 200 })
    expect(await diagnosis()).toContain('"found": "1 of 1 are streaming"')

    await pair.standby.kill()
    await expect.poll(readiness, { timeout: 30_000 }).toEqual({ status: 503, reason: 'database' })
    await expect.poll(standbys, { timeout: 30_000 }).toEqual({ required: 1, present: 0 })
    const found = await diagnosis()
    expect(found).toContain('"found": "0 of 1 are streaming"')
    expect(found).toContain('"state": "problem"')

    await pair.standby.start()
    await expect.poll(readiness, { timeout: 30_000 }).toEqual({ status: 200 })
    await expect.poll(standbys, { timeout: 30_000 }).toEqual({ required: 1, present: 1 })
  },
  TIMEOUT,
)

/** From the last answer before an instant to the first one after it, of a server's devices; undefined without one after it. */
function outage(callers: readonly Caller[], instant: number): number | undefined {
  const ids = new Set(callers.map(({ deviceId }) => deviceId))
  const answers = sent.answers.filter(({ deviceId }) => ids.has(deviceId)).map(({ at }) => at)
  const after = answers.find((at) => at > instant)
  return after === undefined ? undefined : after - (answers.findLast((at) => at <= instant) ?? after)
}

it.each(roundSeeds(2))(
  '[HA-4] [HA-1] [GUA-1] kill -9 of the primary under load, promotion of the standby, and the old one as its standby (seed %i)',
  async (seed) => {
    const rng = seededRandom(seed)
    const stop = new AbortController()
    const callers = [writersOf(0), writersOf(1)]
    const writing = Promise.all(
      callers.flat().map((caller, index) => sent.sendAll(caller, seededRandom(100 * seed + index), stop.signal)),
    )
    writing.catch(() => undefined) // Reported by `more`, or awaited below.
    await sent.more(rng.int(10, 60))
    const killed = performance.now()
    await pair.primary.kill()
    const acknowledged = sent.acknowledgedIds()
    const gone = performance.now()
    await pair.promote()
    const promoted = performance.now()
    const outages = () => callers.map((each) => outage(each, gone))
    await expect.poll(outages, { timeout: 60_000, interval: 20 }).not.toContain(undefined)
    const stored = await pair.query(`SELECT observation_id AS id FROM observations
      UNION ALL SELECT recommendation_id FROM recommendations`)
    const kept = new Set(stored.map(({ id }) => id))
    const lost = acknowledged.filter((id) => !kept.has(id))
    const seconds = (ms: number): string => (ms / 1000).toFixed(2)
    figures.push(
      `failover, seed ${seed}: ${acknowledged.length} records acknowledged, ${lost.length} lost; ` +
        `promoted ${seconds(promoted - killed)} s after the kill; without an answer for ` +
        `${outages()
          .map((ms) => seconds(ms ?? 0))
          .join(' and ')} s`,
    )
    expect(lost).toEqual([])

    await pair.rejoin()
    await sent.more(rng.int(10, 40))
    stop.abort()
    await writing
  },
  TIMEOUT,
)

it(
  '[HA-4] [GUA-1] [GUA-2] [BAT-1] after all of them each acknowledged record is stored once, and the audit is whole',
  async () => {
    const all = new Map([...writersOf(0), ...writersOf(1)].map((caller) => [caller.deviceId, caller]))
    await sent.expectStored(all, callerAt(servers[0], AUDITOR))
    const verified = await runCommand(['audit', 'verify'], { ...env, DATA_DIR: servers[0].dataDir })
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('intact') })
    for (const server of servers) {
      expect(server.logs()).not.toContain('unexpected error')
      expect(server.logs()).not.toContain(parseDatabaseUrl(pair.env.DATABASE_URL).password)
    }
  },
  // It sends everything again.
  8 * TIMEOUT,
)
