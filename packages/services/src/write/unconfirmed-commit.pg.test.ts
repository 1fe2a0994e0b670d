import { DeviceId } from '@fieldsync/contracts'
import { APP_ROLE, ensureRoles, prepareSchema } from '@fieldsync/db'
import { observation, startTemporaryCluster, syncBatch } from '@fieldsync/testkit'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'

import { createDevice } from '../devices/create.ts'
import { checkHealth } from '../health/check.ts'
import { type TestDevice, TestServices } from '../testing/test-workspace.ts'

const LIMITS = {
  statementMs: 1000,
  silenceMs: 1500,
  writeMs: 700,
  heartbeatMs: 250,
  everyMs: 50,
}
const UNAVAILABLE = { code: 'UNAVAILABLE' }
const MISSING = `SET synchronous_standby_names = 'nobody'`
const NONE = 'RESET synchronous_standby_names'

const stack = new AsyncDisposableStack()
afterAll(() => stack.disposeAsync())

/** A server on a cluster of its own, which the tests may have wait for a standby. */
async function ownCluster() {
  const cluster = stack.use(await startTemporaryCluster({ fast: false }))
  const { superuserUrl } = cluster.postgres
  const passwords = { ownerPassword: 'owner', appPassword: 'app' }
  const { ownerUrl, appUrl } = await ensureRoles(superuserUrl, { database: 'fieldsync', ...passwords })
  await prepareSchema({ ownerUrl, appRole: APP_ROLE })
  const services = new TestServices({ appUrl, ownerUrl, superuserUrl }, undefined, { limits: LIMITS })
  stack.defer(() => services.close())
  const configure = async (setting: string): Promise<void> => {
    await services.superuser.pool.query(`ALTER SYSTEM ${setting}`)
    await services.superuser.pool.query('SELECT pg_reload_conf()')
    await expect
      .poll(async () => {
        const { rows } = await services.superuser.pool.query<{ value: string }>(
          `SELECT current_setting('synchronous_standby_names') AS value`,
        )
        return rows[0]?.value
      })
      .toBe(setting === NONE ? '' : 'nobody')
  }
  const waiting = async (): Promise<number[]> => {
    const { rows } = await services.superuser.pool.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'`,
    )
    return rows.map(({ pid }) => pid)
  }
  const cancelled = async (): Promise<void> => {
    await expect.poll(waiting).not.toEqual([])
    await services.superuser.pool.query(
      `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`,
    )
  }
  const device = async (): Promise<TestDevice> => (await services.workspace()).device('dev_scout_1', 'admin')
  const health = () => checkHealth({ runtime: services.runtime, clock: services.clock, version: '1' })
  return { services, configure, waiting, cancelled, device, health }
}

let own: Awaited<ReturnType<typeof ownCluster>>
beforeAll(async () => {
  own = await ownCluster()
}, 60_000)

const seenBy = (device: TestDevice) => observation({ deviceId: device.actor.deviceId })

it('[RUN-18][IDM-2] a commit that no standby confirms is not acknowledged, nor cancelled, and is there once when it is', async () => {
  const { configure, waiting, device, health } = own
  const [alice, bob, carol] = [await device(), await device(), await device()]
  await expect(health()).resolves.toMatchObject({ status: 'ok' })
  await configure(MISSING)

  const batch = syncBatch({ observations: [seenBy(alice)] })
  const started = performance.now()
  const first = alice.send(batch)
  first.catch(() => undefined)
  await expect.poll(waiting).toHaveLength(1)
  const outcomes = await Promise.allSettled([
    first,
    alice.push({ observations: [seenBy(alice)] }),
    bob.push({ observations: [seenBy(bob)] }),
  ])
  expect(outcomes).toMatchObject(outcomes.map(() => ({ status: 'rejected', reason: UNAVAILABLE })))
  // The second stood in line behind the first, and did not wait once more.
  expect(performance.now() - started).toBeLessThan(2 * LIMITS.silenceMs)
  await expect(health()).rejects.toMatchObject(UNAVAILABLE)

  // Further writes are refused without a wait, and take no process of the database; readers read on.
  const before = await waiting()
  for (let i = 0; i < 5; i++) {
    const refused = performance.now()
    await expect(carol.push({ observations: [seenBy(carol)] })).rejects.toMatchObject(UNAVAILABLE)
    expect(performance.now() - refused).toBeLessThan(LIMITS.silenceMs)
    await expect(health()).rejects.toMatchObject(UNAVAILABLE)
  }
  expect((await alice.pull()).downstream.observations).toEqual([])
  // Closed connections leave their commits waiting: cancelled, they would be reported as done.
  expect(before.length).toBeGreaterThan(0)
  expect(await waiting()).toEqual(before)

  await configure(NONE)
  await expect
    .poll(
      () =>
        health().then(
          () => 'ok',
          () => 'out of order',
        ),
      { timeout: 10_000 },
    )
    .toBe('ok')
  await expect
    .poll(() => alice.send(batch).catch(() => undefined), { timeout: 10_000 })
    .toMatchObject({
      replayed: true,
      answer: { acceptedCounts: { observations: 1 } },
    })
  expect((await alice.pull()).downstream.observations).toHaveLength(1)
  expect((await carol.push({ observations: [seenBy(carol)] })).acceptedCounts.observations).toBe(1)
})

it('[RUN-18] a commit whose wait for the standby somebody cancels is not acknowledged, and neither is its retry', async () => {
  const { services, configure, cancelled, device } = own
  const alice = await device()
  const batch = syncBatch({ observations: [seenBy(alice)] })
  const input = { deviceId: DeviceId.parse('dev_new'), role: 'scout' as const }
  const calls: ((caller: TestDevice) => Promise<{ replayed: boolean }>)[] = [
    (caller) => caller.send(batch),
    (caller) => createDevice({ ctx: caller.ctx('key_1'), input }),
  ]
  for (const call of calls) {
    await configure(MISSING)
    const sent = call(alice)
    sent.catch(() => undefined)
    await cancelled()
    await expect(sent).rejects.toMatchObject(UNAVAILABLE)
    // PostgreSQL shows it to everybody now, and it is on no standby all the same: another server must not tell it as done.
    const other = new TestServices(services.urls, services, { limits: LIMITS })
    onTestFinished(() => other.close())
    await expect(call(alice.at(other))).rejects.toMatchObject(UNAVAILABLE)
    await configure(NONE)
    await expect
      .poll(() => call(alice).catch(() => undefined), { timeout: 10_000 })
      .toMatchObject({ replayed: true })
  }
})
