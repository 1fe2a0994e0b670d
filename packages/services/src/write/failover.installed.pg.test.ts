import { DeviceId } from '@fieldsync/contracts'
import { addJobs, APP_ROLE, connectionUrl, connectOnce, ensureRoles, prepareSchema } from '@fieldsync/db'
import {
  type InstalledPostgres,
  installedPostgres,
  installedStandby,
  observation,
  type SilentLink,
  silentLink,
  syncBatch,
} from '@fieldsync/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { createDevice } from '../devices/create.ts'
import { checkHealth } from '../health/check.ts'
import { startJobs } from '../jobs/start-jobs.ts'
import { listObservations } from '../records/list.ts'
import { type TestDevice, TestServices } from '../testing/test-workspace.ts'
import { systemContext } from './admin-context.ts'

const LIMITS = {
  statementMs: 2000,
  silenceMs: 2500,
  writeMs: 1000,
  heartbeatMs: 1000,
  everyMs: 50,
  lifetimeMs: 3000,
}
const UNAVAILABLE = { code: 'UNAVAILABLE' }

/** Each test goes on where the one before it left off. */
const stack = new AsyncDisposableStack()
let primary: InstalledPostgres
let standby: InstalledPostgres
/** The address of the database, wherever the primary is. */
let link: SilentLink
let services: TestServices
let alice: TestDevice
/** Of each job, by the version that it names. */
const jobsDone: number[] = []

beforeAll(async () => {
  primary = stack.use(await installedPostgres(`synchronous_standby_names = '*'\nsynchronous_commit = local`))
  const passwords = { ownerPassword: 'owner', appPassword: 'app' }
  const { ownerUrl, appUrl } = await ensureRoles(primary.url, { database: 'fieldsync', ...passwords })
  await prepareSchema({ ownerUrl, appRole: APP_ROLE })
  standby = stack.use(await installedStandby(primary))
  await onServer(primary, `ALTER SYSTEM SET synchronous_commit = 'on'`)
  link = stack.use(await silentLink(primary.port))
  const throughLink = (url: string) => connectionUrl(url, { port: link.port })
  services = new TestServices(
    { appUrl: throughLink(appUrl), ownerUrl: throughLink(ownerUrl), superuserUrl: throughLink(primary.url) },
    undefined,
    { limits: LIMITS },
  )
  stack.defer(() => services.close())
  const quiet = () => undefined
  const jobs = startJobs(services.admin, {
    url: throughLink(appUrl),
    handlers: { recompute: async ({ payload }) => void jobsDone.push(payload.playbookVersion) },
    limits: LIMITS,
    pollMs: 200,
    onFailed: quiet,
    onReleased: quiet,
    onServing: quiet,
    onTrouble: quiet,
  })
  stack.defer(() => jobs[Symbol.asyncDispose]())
  alice = await (await services.workspace()).device('dev_scout_1', 'admin')
}, 120_000)
afterAll(() => stack.disposeAsync())

async function onServer({ url }: InstalledPostgres, statement: string): Promise<void> {
  await using connection = await connectOnce({
    url: connectionUrl(url, { database: 'fieldsync' }),
    applicationName: 'test',
  })
  await connection.client.query(statement)
  await connection.client.query('SELECT pg_reload_conf()')
}

const health = () => checkHealth({ runtime: services.runtime, clock: services.clock, version: '1' })
const inOrder = () =>
  health().then(
    () => true,
    () => false,
  )
const note = () => observation({ deviceId: 'dev_scout_1' })
const ids = async () =>
  (await alice.pull()).downstream.observations.map(({ observationId }) => observationId).toSorted()
const accepted: string[] = []
const job = (playbookVersion: number) =>
  addJobs(services.db.pool, [
    {
      identifier: 'recompute',
      payload: { workspaceId: alice.actor.workspaceId, playbookId: 'pbk_yolo_grape', playbookVersion },
    },
  ])
async function push(): Promise<void> {
  const sent = note()
  await alice.push({ observations: [sent] })
  accepted.push(sent.observationId)
}

it('[RUN-18][OPS-1] while the synchronous standby is away nothing is acknowledged; its return completes what waits', async () => {
  await push()
  await job(1)
  await expect.poll(() => jobsDone).toEqual([1])
  await standby.kill()
  const batch = syncBatch({ observations: [note()] })
  await expect(alice.send(batch)).rejects.toMatchObject(UNAVAILABLE)
  await expect(health()).rejects.toMatchObject(UNAVAILABLE)
  expect(await ids()).toEqual(accepted)
  await standby.start()
  await expect.poll(inOrder, { timeout: 20_000 }).toBe(true)
  await expect(alice.send(batch)).resolves.toMatchObject({ replayed: true })
  accepted.push(...batch.upserts.observations.map(({ observationId }) => observationId))
  await push()
})

it('[RUN-18][GUA-1][IDM-2] a failover loses nothing that was acknowledged, and takes the retry of what was not as new', async () => {
  await standby.kill()
  const batch = syncBatch({ observations: [note()] })
  await expect(alice.send(batch)).rejects.toMatchObject(UNAVAILABLE)
  await primary.kill()
  await standby.start()
  standby.promote()
  link.target = standby.port
  await expect.poll(inOrder, { timeout: 20_000 }).toBe(true)
  expect(await ids()).toEqual(accepted.toSorted())
  await expect(alice.send(batch)).resolves.toMatchObject({ replayed: false })
  accepted.push(...batch.upserts.observations.map(({ observationId }) => observationId))
})

const changed = (text: string) =>
  `UPDATE observations SET document = jsonb_set(document::jsonb, '{rawNoteText}', '"${text}"')::json`
const texts = async () => {
  const { items } = await listObservations({ ctx: alice.ctx(), input: {} })
  return new Set(items.toJSON().map(({ rawNoteText }) => rawNoteText))
}
/** Every connection of the pool is in use once. */
const warm = () =>
  Promise.all(Array.from({ length: 6 }, () => services.db.pool.query('SELECT pg_sleep(0.05)')))

it('[RUN-17] a demoted primary is left at the first sign, by administration and by reads', async () => {
  await warm()
  const old = standby
  const next = stack.use(await installedStandby(old))
  next.promote()
  link.target = next.port
  await onServer(next, changed('on the new one'))
  await onServer(old, 'ALTER SYSTEM SET default_transaction_read_only = on')

  const outcomes: string[] = []
  for (let n = 0; n < 8; n++) {
    const created = systemContext(services.admin, alice.actor.workspaceId).then((ctx) =>
      createDevice({ ctx, input: { deviceId: DeviceId.parse(`dev_${n}`), role: 'scout' } }),
    )
    outcomes.push(
      await created.then(
        () => 'created',
        (error: { code: string }) => error.code,
      ),
    )
  }
  // The first finds out, for all of them.
  expect(outcomes.slice(1)).toEqual(Array.from({ length: 7 }, () => 'created'))
  expect(await texts()).toEqual(new Set(['on the new one']))
  standby = next
})

it('[RUN-17] a server that the address no longer leads to is left within the life of a connection, without a sign', async () => {
  await warm()
  const next = stack.use(await installedStandby(standby))
  next.promote()
  link.target = next.port
  await onServer(next, changed('on the newest'))
  await expect.poll(texts, { timeout: 2 * LIMITS.lifetimeMs }).toEqual(new Set(['on the newest']))
  const { rows } = await services.db.pool.query<{ port: number }>('SELECT inet_server_port() AS port')
  expect(rows[0]?.port).toBe(next.port)
})

it('[JOB-6] jobs have followed the primary all the way', async () => {
  await job(2)
  await expect.poll(() => jobsDone, { timeout: 30_000 }).toEqual([1, 2])
})
