import { connectionUrl, parseDatabaseUrl } from '@fieldsync/db'
import { roundSeeds, seededRandom } from '@fieldsync/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { runCommand } from '../testing/client-devices.ts'
import { type DatabasePair, databasePair } from './testing/database-pair.ts'
import { type LoadOnTwoServers, loadOnTwoServers } from './testing/load-on-two-servers.ts'
import { metricsAddress, scrape } from './testing/scraped-metrics.ts'

const TIMEOUT = 240_000
const inSeconds = (ms: number): string => (ms / 1000).toFixed(2)

const stack = new AsyncDisposableStack()
let pair: DatabasePair
let load: LoadOnTwoServers

beforeAll(async () => {
  pair = stack.use(await databasePair())
  load = stack.use(await loadOnTwoServers(pair.env))
  await pair.query('GRANT pg_read_all_stats TO fieldsync_app')
}, TIMEOUT)
afterAll(() => stack.disposeAsync(), TIMEOUT)

const readiness = async (): Promise<unknown> => {
  const response = await fetch(`${load.servers[0].url}/readyz`)
  const { reason } = (await response.json()) as { reason?: string }
  return { status: response.status, reason }
}

it(
  '[HA-5] a synchronous standby that is missing shows in readiness, in the metrics and to the doctor, until it is back',
  async () => {
    const address = await metricsAddress(load.servers[0])
    const standbys = async (): Promise<unknown> => {
      const found = await scrape(address)
      const read = (name: string) => found.get(`fieldsync_synchronous_standbys${name}`)
      return { required: read('_required'), present: read('') }
    }
    const diagnosis = async (): Promise<string> =>
      (await runCommand(['doctor', '--json'], { ...load.env, DATA_DIR: load.servers[0].dataDir })).stdout
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

it.each(roundSeeds(2))(
  '[HA-4] [HA-1] [GUA-1] kill -9 of the primary under load, promotion of the standby, and the old one as its standby (seed %i)',
  async (seed) => {
    const rng = seededRandom(seed)
    const stop = load.write(seed)
    await load.sent.more(rng.int(10, 60))
    const killed = performance.now()
    await pair.primary.kill()
    await pair.promote()
    const promoted = performance.now()
    const outages = await load.outages({ killed, promoted })
    const lost = await load.lost(connectionUrl(pair.primary.url, { database: 'fieldsync' }))
    process.stdout.write(
      `failover, seed ${seed}: ${load.sent.acknowledgedIds().length} records acknowledged, ${lost.length} lost; ` +
        `promoted ${inSeconds(promoted - killed)} s after the kill; ` +
        `without an answer for ${outages.map(inSeconds).join(' and ')} s\n`,
    )
    expect(lost).toEqual([])
    await pair.rejoin()
    await load.sent.more(rng.int(10, 40))
    await stop()
  },
  TIMEOUT,
)

it(
  '[HA-4] [GUA-1] [GUA-2] [BAT-1] after all of them each acknowledged record is stored once, and the audit is whole',
  async () => {
    await load.expectStored()
    const { password } = parseDatabaseUrl(pair.env.DATABASE_URL)
    for (const server of load.servers) expect(server.logs()).not.toContain(password)
  },
  // It sends everything again.
  8 * TIMEOUT,
)
