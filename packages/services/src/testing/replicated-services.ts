import { APP_ROLE, connectionUrl, connectOnce, ensureRoles, prepareSchema } from '@fieldsync/db'
import { type InstalledPostgres, installedPostgres, installedStandby, observation } from '@fieldsync/testkit'
import { afterAll, beforeEach, expect } from 'vitest'

import { type TestDevice, TestServices, type TestWorkspace } from './test-workspace.ts'

const DATABASE = 'fieldsync'

/** A primary and one read replica of it, and servers on both. */
type ReplicatedServices = AsyncDisposable & {
  readonly primary: InstalledPostgres
  readonly replica: InstalledPostgres
  readonly readUrl: string
  /** A server on both, unless another replica is given; null for none. It asks replicas when a test does. */
  server(options?: ServerOptions): TestServices
  /** Runs a statement as superuser. */
  at(server: InstalledPostgres, statement: string): Promise<Record<string, unknown>[]>
  /** The replica replays nothing from now on. */
  pause(): Promise<void>
  /** The replica replays again, and has everything. */
  catchUp(): Promise<void>
}

export type ServerOptions = { readonly readUrl?: string | null; readonly maxLagMs?: number }

/** What happened to the replicas of all servers, in words. */
type ReplicaNews = string[]

async function replicatedServices(news: ReplicaNews): Promise<ReplicatedServices> {
  await using stack = new AsyncDisposableStack()
  const primary = stack.use(await installedPostgres())
  const passwords = { ownerPassword: 'owner', appPassword: 'app' }
  const { ownerUrl, appUrl } = await ensureRoles(primary.url, { database: DATABASE, ...passwords })
  await prepareSchema({ ownerUrl, appRole: APP_ROLE })
  const replica = stack.use(await installedStandby(primary))
  const readUrl = connectionUrl(appUrl, { port: replica.port })

  const at = async ({ url }: InstalledPostgres, statement: string): Promise<Record<string, unknown>[]> => {
    await using connection = await connectOnce({
      url: connectionUrl(url, { database: DATABASE }),
      applicationName: 'operator',
    })
    return (await connection.client.query<Record<string, unknown>>(statement)).rows
  }
  const has = async (end: unknown): Promise<unknown> =>
    (await at(replica, `SELECT pg_last_wal_replay_lsn() >= '${String(end)}' AS has`))[0]?.['has']
  const first = new TestServices(
    { appUrl, ownerUrl, superuserUrl: connectionUrl(primary.url, { database: DATABASE }) },
    undefined,
  )
  stack.defer(() => first.close())
  const started = stack.move()
  return {
    primary,
    replica,
    readUrl,
    at,
    server: ({ readUrl: given = readUrl, maxLagMs = Number.POSITIVE_INFINITY } = {}) =>
      first.anotherServer(
        { ...first.urls, readUrl: given ?? undefined },
        {
          limits: { maxLagMs, askEveryMs: 1_000_000_000 },
          events: {
            onReplicaUsable: () => void news.push('used'),
            onReplicaUnusable: ({ reason }) => void news.push(`unused: ${reason.message}`),
          },
        },
      ),
    pause: async () => {
      await at(replica, 'SELECT pg_wal_replay_pause()')
      const state = () => at(replica, 'SELECT pg_get_wal_replay_pause_state() AS state')
      await expect.poll(state).toEqual([{ state: 'paused' }])
    },
    catchUp: async () => {
      await at(replica, 'SELECT pg_wal_replay_resume()')
      const [end] = await at(primary, 'SELECT pg_current_wal_lsn()::text AS end')
      await expect.poll(() => has(end?.['end'])).toBe(true)
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/**
 * A primary, a replica and a server on both for a file of tests: the replica has everything and is in use before each. `news` is
 * what happened to it since.
 */
export async function testReplicatedServices(): Promise<{
  both: ReplicatedServices
  services: TestServices
  news: ReplicaNews
}> {
  const news: ReplicaNews = []
  const both = await replicatedServices(news)
  const services = both.server()
  beforeEach(async () => {
    await both.catchUp()
    await services.db.replicas?.ask()
    news.splice(0)
  })
  afterAll(() => both[Symbol.asyncDispose](), 60_000)
  return { both, services, news }
}

/** What became of the reads of some work at a server. */
export async function replicaReads(of: TestServices, work: () => Promise<unknown>): Promise<object> {
  const { replicas } = of.db
  if (!replicas) throw new Error('this server has no replica')
  const before = { ...replicas.reads }
  await work()
  const entries = Object.entries(replicas.reads).map(([name, count]) => [
    name,
    count - before[name as keyof typeof before],
  ])
  return Object.fromEntries(entries.filter(([, count]) => count !== 0)) as object
}

/** Observations of a device, in one batch; their ids in order. */
export async function written(device: TestDevice, count: number): Promise<string[]> {
  const seen = Array.from({ length: count }, () => observation({ deviceId: device.actor.deviceId }))
  await device.push({ observations: seen })
  return seen.map(({ observationId }) => observationId)
}

/** A workspace with so many observations of one device. */
export async function scoutedWorkspace(
  services: TestServices,
  count: number,
): Promise<{ workspace: TestWorkspace; scout: TestDevice; ids: string[] }> {
  const workspace = await services.workspace()
  const scout = await workspace.device('dev_scout_1', 'admin')
  return { workspace, scout, ids: await written(scout, count) }
}
