import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest'

import { type Database, openDatabase } from '../database.ts'
import { migrate } from '../migrate/migrate.ts'
import { listen } from '../notify/listen.ts'
import {
  type InstalledPostgres,
  installedPostgres,
  installedStandby,
  type SilentLink,
  silentLink,
} from '../testing/index.ts'
import { inTransaction } from '../transaction.ts'
import { isUnavailable } from '../unavailable.ts'
import { connectOnce } from './connect.ts'

/** Each test goes on where the one before it left off. */
const stack = new AsyncDisposableStack()
let one: InstalledPostgres
let two: InstalledPostgres
/** The address of the second one. */
let link: SilentLink
beforeAll(async () => {
  one = stack.use(await installedPostgres())
  two = stack.use(await installedStandby(one))
  link = stack.use(await silentLink(two.port))
}, 120_000)
afterAll(() => stack.disposeAsync())

const LIMITS = { watchEveryMs: 50, graceMs: 500, failureMs: 0 }
const happened: string[] = []
beforeEach(() => void happened.splice(0))

const urlOf = (...ports: readonly number[]): string =>
  `postgresql://postgres@${ports.map((port) => `127.0.0.1:${port}`).join(',')}/postgres`
const both = (): string => urlOf(one.port, link.port)

function opened(url: string, limits: Partial<typeof LIMITS> = {}): Database {
  const db = openDatabase({
    url,
    max: 4,
    limits: { ...LIMITS, ...limits },
    events: {
      onConnectionClosed: ({ reason }) => happened.push(`closed: ${reason}`),
      onRefusing: () => happened.push('writes are refused'),
      onConfirmed: () => undefined,
      onPrimaryChanged: ({ server, timeline }) => happened.push(`${nameOf(server)}, timeline ${timeline}`),
      onServerRefused: ({ server, reason }) => happened.push(`not ${nameOf(server)}: ${reason.message}`),
    },
  })
  onTestFinished(() => db.close())
  return db
}

const nameOf = (server: string): string => (server.endsWith(`:${one.port}`) ? 'one' : 'two')
const portOf = async (db: Pick<Database, 'pool'>): Promise<number> =>
  (await db.pool.query<{ port: number }>('SELECT inet_server_port() AS port')).rows[0]?.port ?? 0
const failure = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'done').catch((error) => error)

it('[HA-1] of several servers the one that accepts writes is used, wherever it stands and whatever the others do', async () => {
  for (const ports of [
    [one.port, link.port],
    [link.port, one.port],
    // Nothing listens there.
    [1, link.port, one.port],
  ]) {
    const db = opened(urlOf(...ports))
    expect(await portOf(db)).toBe(one.port)
    expect(await db.prisma.$queryRaw`SELECT inet_server_port() AS port`).toEqual([{ port: one.port }])
    await using single = await connectOnce({ url: urlOf(...ports), applicationName: 'test' })
    expect(single.client.port).toBe(one.port)
  }
})

it('[HA-1] a server that does not answer delays the search only for a while', async () => {
  link.silent = true
  onTestFinished(() => void (link.silent = false))
  expect(await portOf(opened(urlOf(link.port, one.port), { graceMs: 20 }))).toBe(one.port)
})

it('[HA-1] migrations find the primary, and so does what listens', async () => {
  await migrate({ ownerUrl: urlOf(link.port, one.port) })
  const db = opened(urlOf(link.port, one.port))
  const heard = Promise.withResolvers<void>()
  const listener = listen({
    url: db.primary,
    sender: db.pool,
    channel: 'test',
    onNotice: () => undefined,
    onHearing: heard.resolve,
    onDeaf: heard.reject,
  })
  await heard.promise
  await listener[Symbol.asyncDispose]()
})

it('[HA-1] while no server accepts writes the error says of each why, without the password, and passes', async () => {
  const url = both().replaceAll('postgres@', 'postgres:canary@')
  await one.kill()
  const db = opened(url)
  const error = await failure(portOf(db))
  expect(isUnavailable(error)).toBe(true)
  expect(String(error)).toMatch(/127\.0\.0\.1:\d+: connect ECONNREFUSED.*; 127\.0\.0\.1:\d+: .*read-only/)
  expect(String(error)).not.toContain('canary')
  expect(isUnavailable(await failure(db.prisma.workspace.count()))).toBe(true)
  await one.start()
  expect(await portOf(db)).toBe(one.port)
})

it('[HA-1] credentials that every server refuses are no matter of waiting', async () => {
  const db = opened(both().replaceAll('postgres@', 'nobody@'))
  const error = await failure(portOf(db))
  expect(isUnavailable(error)).toBe(false)
  expect(String(error)).toContain('role "nobody" does not exist')
})

it('[HA-2] a primary that works on beside a newer one is left, and nothing that runs there is acknowledged', async () => {
  const db = opened(both())
  expect(await portOf(db)).toBe(one.port)
  const underWay = failure(inTransaction(db, (connection) => connection.query('SELECT pg_sleep(20)')))
  two.promote()
  expect(await underWay).toMatchObject({ reason: 'stale' })
  expect(await portOf(db)).toBe(two.port)
  expect(happened).toEqual([
    'one, timeline 1',
    expect.stringMatching(/^not one: the database server is an old primary/),
    'two, timeline 2',
    'closed: stale',
  ])
})

it('[HA-2] a process that has just started uses the newer of two primaries, in any order', async () => {
  expect(await portOf(opened(both()))).toBe(two.port)
  expect(await portOf(opened(urlOf(link.port, one.port)))).toBe(two.port)
  await using single = await connectOnce({ url: both(), applicationName: 'test' })
  expect(single.client.port).toBe(link.port)
})

it('[HA-2] an old primary is not used while the newer one is away, under one address neither', async () => {
  const several = opened(both())
  expect(await portOf(several)).toBe(two.port)
  const address = opened(urlOf(link.port))
  expect(await portOf(address)).toBe(two.port)
  await two.kill()
  // The first attempt may only find out that its connection is lost.
  await expect.poll(async () => String(await failure(portOf(several)))).toContain('old primary')
  // The address has been moved back to it.
  link.target = one.port
  await expect.poll(() => failure(portOf(address))).toMatchObject({ reason: 'stale' })
  link.target = two.port
  await two.start()
  expect(await portOf(several)).toBe(two.port)
  expect(await portOf(address)).toBe(two.port)
})

it('[HA-3] a server of another cluster is not used, and two clusters in one list are refused', async () => {
  const other = stack.use(await installedPostgres())
  const db = opened(both())
  expect(await portOf(db)).toBe(two.port)
  link.target = other.port
  await two.kill()
  // The first attempt only finds out that its connection is lost.
  await expect.poll(async () => String(await failure(portOf(db)))).toContain('belongs to another cluster')
  const fresh = await failure(portOf(opened(both())))
  expect(isUnavailable(fresh)).toBe(true)
  expect(String(fresh)).toContain('different database clusters')
})
