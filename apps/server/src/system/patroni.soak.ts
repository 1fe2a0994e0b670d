import { randomUUID } from 'node:crypto'

import { connectionUrl, ensureRoles } from '@fieldsync/db'
import { roundSeeds } from '@fieldsync/testkit'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'

import { type LoadOnTwoServers, loadOnTwoServers } from './testing/load-on-two-servers.ts'
import { type PatroniCluster, patroniCluster } from './testing/patroni-cluster.ts'

const TIMEOUT = 10 * 60_000
const WAIT = { timeout: 120_000, interval: 50 }
const inSeconds = (ms: number): string => (ms / 1000).toFixed(1)

const stack = new AsyncDisposableStack()
let cluster: PatroniCluster
let load: LoadOnTwoServers

beforeAll(async () => {
  cluster = stack.use(await patroniCluster())
  const { leader, standby } = await cluster.settled()
  const passwords = { ownerPassword: randomUUID(), appPassword: randomUUID() }
  const { ownerUrl, appUrl } = await ensureRoles(leader.url, { database: 'fieldsync', ...passwords })
  const withBoth = (url: string): string =>
    `${url.replace(`:${leader.port}/`, `:${leader.port},127.0.0.1:${standby.port}/`)}?target_session_attrs=read-write`
  load = stack.use(
    await loadOnTwoServers({ DATABASE_URL: withBoth(appUrl), MIGRATION_DATABASE_URL: withBoth(ownerUrl) }),
  )
}, TIMEOUT)
afterAll(() => stack.disposeAsync(), TIMEOUT)

it.each(roundSeeds(2))(
  '[HA-4] [GUA-1] the leader is lost under load; Patroni promotes the standby, and takes the old leader back (seed %i)',
  async (seed) => {
    const { leader, standby } = await cluster.settled()
    const stop = load.write(seed)
    await load.sent.more(40)
    const killed = performance.now()
    leader.kill()
    await vi.waitFor(async () => expect(await standby.role()).toBe('master'), WAIT)
    const promoted = performance.now()
    const outages = await load.outages({ killed, promoted })
    const lost = await load.lost(connectionUrl(standby.url, { database: 'fieldsync' }))
    process.stdout.write(
      `Patroni, seed ${seed}: ${load.sent.acknowledgedIds().length} records acknowledged, ${lost.length} lost; ` +
        `promoted ${inSeconds(promoted - killed)} s after the kill; ` +
        `without an answer for ${outages.map(inSeconds).join(' and ')} s\n`,
    )
    expect(lost).toEqual([])
    leader.start()
    await cluster.settled()
    await load.sent.more(40)
    await stop()
  },
  TIMEOUT,
)

it(
  '[HA-4] [GUA-1] [GUA-2] after all of them each acknowledged record is stored once',
  () => load.expectStored(),
  3 * TIMEOUT,
)
