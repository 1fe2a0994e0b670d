import { Overview } from '@fieldsync/contracts'
import { observation, recommendation } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { getOverview } from './get.ts'

const services = await testServices()
const MINUTE_MS = 60_000
const fine = { pending: 0, conflicts: 0, quarantined: 0 }

async function seen(device: TestDevice): Promise<Overview> {
  await services.runtime.deviceStates.flush()
  const overview = await getOverview({ ctx: device.ctx(), input: {} })
  return Overview.parse(overview)
}

it('[OPS-21] counts the devices of each state, and the open conflicts', async () => {
  const workspace = await services.workspace()
  const alice = await workspace.device('dev_scout_1')
  await workspace.device('dev_never')
  const viewer = await workspace.device('dev_viewer', 'viewer')
  const none = { active: 0, conflicts: 0, silent: 0, never: 0, revoked: 0 }
  expect(await seen(viewer)).toMatchObject({ devices: { ...none, never: 3 }, openConflicts: 0 })
  await alice.push({ recommendations: [recommendation(), recommendation()] })
  await viewer.pull()
  expect(await seen(viewer)).toMatchObject({
    at: services.clock.now().toISOString(),
    devices: { ...none, active: 1, conflicts: 1, never: 1 },
    openConflicts: 2,
  })
})

it('[OPS-21] names the device whose oldest write waits longest', async () => {
  const workspace = await services.workspace()
  const [a, b, c] = [
    await workspace.device('dev_a'),
    await workspace.device('dev_b'),
    await workspace.device('dev_c'),
  ]
  expect((await seen(a)).oldestUnsynced).toBeNull()
  await a.push({ report: { ...fine, pending: 1, oldestPendingAt: '2026-02-11T10:00:00Z' } })
  await b.push({ report: { ...fine, pending: 2, oldestPendingAt: '2026-02-11T11:59:59+02:00' } })
  await c.push({ report: { ...fine, pending: 0, oldestPendingAt: '2020-01-01T00:00:00Z' } })
  const reportedAt = services.clock.now().toISOString()
  expect((await seen(a)).oldestUnsynced).toEqual({
    deviceId: 'dev_b',
    oldestPendingAt: '2026-02-11T11:59:59+02:00',
    pending: 2,
    reportedAt,
  })
  await b.revoke()
  expect((await seen(a)).oldestUnsynced).toMatchObject({ deviceId: 'dev_a' })
})

it.each(['0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999999999999-23:59', '2026-02-12T07:00:00+23:59'])(
  '[OPS-21][ERR-1] a device that reports the instant %s breaks nothing',
  async (oldestPendingAt) => {
    const alice = await (await services.workspace()).device('dev_scout_1')
    const most = { pending: Number.MAX_SAFE_INTEGER, conflicts: Number.MAX_SAFE_INTEGER, quarantined: 1 }
    await alice.push({ report: { ...most, oldestPendingAt } })
    expect(await seen(alice)).toMatchObject({
      devices: { conflicts: 1 },
      oldestUnsynced: { deviceId: 'dev_scout_1', oldestPendingAt, pending: Number.MAX_SAFE_INTEGER },
    })
  },
)

it('[OPS-21] shows the batches of the last sixty minutes, each in its own', async () => {
  const workspace = await services.workspace()
  const alice = await workspace.device('dev_scout_1')
  const start = services.clock.time
  const push = async (at: string, observations: number, orphans: number) => {
    services.clock.time = new Date(at)
    await alice.push({
      observations: Array.from({ length: observations }, () => observation()),
      recommendations: Array.from({ length: orphans }, () => recommendation()),
    })
  }
  try {
    // Just outside, the first minute, twice in one, and the current one.
    await push('2026-02-12T08:00:59.999Z', 7, 7)
    await push('2026-02-12T08:01:00.000Z', 1, 0)
    await push('2026-02-12T08:30:00.000Z', 2, 1)
    await push('2026-02-12T08:30:59.999Z', 0, 2)
    await push('2026-02-12T09:00:12.000Z', 3, 0)
    // Neither a single write nor a pull is a batch.
    await alice.create(observation())
    await alice.pull()
    services.clock.time = new Date('2026-02-12T09:00:45Z')
    const { lastHour } = await seen(alice)
    expect(lastHour).toMatchObject({ syncs: 4, accepted: 6, conflicts: 3 })
    expect(lastHour.minutes).toHaveLength(60)
    const first = Date.parse('2026-02-12T08:01:00Z')
    expect(lastHour.minutes.map(({ at }) => Date.parse(at))).toEqual(
      Array.from({ length: 60 }, (_, i) => first + i * MINUTE_MS),
    )
    expect(lastHour.minutes.filter(({ syncs }) => syncs > 0)).toEqual([
      { at: '2026-02-12T08:01:00.000Z', syncs: 1, accepted: 1, conflicts: 0 },
      { at: '2026-02-12T08:30:00.000Z', syncs: 2, accepted: 2, conflicts: 3 },
      { at: '2026-02-12T09:00:00.000Z', syncs: 1, accepted: 3, conflicts: 0 },
    ])
  } finally {
    services.clock.time = start
  }
})

it('[OPS-21][ACC-5] counts the batches of its own workspace alone', async () => {
  const [ours, theirs] = [await services.workspace(), await services.workspace()]
  const mine = await ours.device('dev_scout_1')
  await (await theirs.device('dev_scout_1')).push({ observations: [observation()] })
  expect((await seen(mine)).lastHour).toMatchObject({ syncs: 0, accepted: 0 })
  await mine.push({ observations: [observation(), observation()] })
  expect((await seen(mine)).lastHour).toMatchObject({ syncs: 1, accepted: 2 })
})
