import {
  DEVICE_STATES,
  DeviceId,
  DeviceRecord,
  type DevicesInput,
  SILENT_AFTER_MS,
} from '@fieldsync/contracts'
import { device, observation, recommendation } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { followPages } from '../testing/follow-pages.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { systemContext } from '../write/admin-context.ts'
import { listDevices } from './list.ts'
import { revokeDevice } from './revoke.ts'

const services = await testServices()
const fine = { pending: 0, conflicts: 0, quarantined: 0 }

async function listed(viewer: TestDevice, input: DevicesInput = {}) {
  await services.runtime.deviceStates.flush()
  const { items } = await listDevices({ ctx: viewer.ctx(), input })
  return items.toJSON()
}

/** One device in each state but `silent` and `revoked`, and several ways to have conflicts. */
async function farm() {
  const workspace = await services.workspace()
  const made = async (id: string) => await workspace.device(id)
  const active = await made('dev_active')
  await active.push({ observations: [observation({ deviceId: 'dev_active' })], report: fine })
  const orphaned = await made('dev_orphaned')
  await orphaned.push({ recommendations: [recommendation()] })
  const reporting = await made('dev_reporting')
  await reporting.push({ report: { ...fine, conflicts: 1 } })
  const quarantining = await made('dev_quarantining')
  await quarantining.push({ report: { ...fine, quarantined: 1 } })
  const viewer = await workspace.device('dev_viewer', 'viewer')
  return { workspaceId: workspace.workspaceId, active, orphaned, viewer }
}

const statesOf = (records: readonly DeviceRecord[]) =>
  Object.fromEntries(records.map(({ deviceId, state }) => [deviceId, state]))

it('[OPS-30] a state follows from revocation, silence and what waits for a person, in this order', async () => {
  const { workspaceId, active, orphaned, viewer } = await farm()
  expect(statesOf(await listed(viewer))).toEqual({
    dev_active: 'active',
    dev_orphaned: 'conflicts',
    dev_quarantining: 'conflicts',
    dev_reporting: 'conflicts',
    dev_viewer: 'never',
  })
  services.clock.advance(SILENT_AFTER_MS)
  expect(statesOf(await listed(viewer))).toMatchObject({ dev_active: 'active', dev_orphaned: 'conflicts' })
  services.clock.advance(1)
  expect(statesOf(await listed(viewer))).toMatchObject({ dev_active: 'silent', dev_orphaned: 'silent' })
  await active.pull()
  for (const deviceId of ['dev_orphaned', 'dev_quarantining']) {
    const ctx = await systemContext(services.admin, workspaceId)
    await revokeDevice({ ctx, input: { deviceId: DeviceId.parse(deviceId) } })
  }
  const after = await listed(viewer)
  expect(statesOf(after)).toEqual({
    dev_active: 'active',
    dev_orphaned: 'revoked',
    dev_quarantining: 'revoked',
    dev_reporting: 'silent',
    dev_viewer: 'never',
  })
  expect(after.find(({ deviceId }) => deviceId === orphaned.actor.deviceId)?.openConflicts).toBe(1)
  for (const state of DEVICE_STATES) {
    expect(await listed(viewer, { state })).toEqual(after.filter((record) => record.state === state))
  }
})

it('[OPS-30] a conflict that is resolved no longer counts', async () => {
  const workspace = await services.workspace()
  const alice = await workspace.device('dev_scout_1')
  const { conflicts } = await alice.push({ recommendations: [recommendation()] })
  expect(await listed(alice)).toMatchObject([{ state: 'conflicts', openConflicts: 1 }])
  const resolved = conflicts.map(({ conflictId }) => ({ conflictId, resolution: 'discard' as const }))
  await alice.push({ report: { ...fine, resolved } })
  expect(await listed(alice)).toMatchObject([{ state: 'active', openConflicts: 0 }])
})

it('[OPS-22] tells what each device said last, when it was seen and how far behind it is', async () => {
  const workspace = await services.workspace()
  const alice = await workspace.device('dev_scout_1')
  const bob = await workspace.device('dev_scout_2', 'agronomist')
  const createdAt = services.clock.now().toISOString()
  services.clock.advance(1000)
  const report = { pending: 3, conflicts: 0, quarantined: 0, oldestPendingAt: '2026-02-12T07:00:00Z' }
  await alice.push({ observations: [observation()], report })
  const seenAt = services.clock.now().toISOString()
  await bob.push({ observations: [1, 2].map(() => observation({ deviceId: 'dev_scout_2' })) })
  const records = await listed(bob)
  expect(records).toEqual([
    {
      deviceId: 'dev_scout_1',
      role: 'scout',
      state: 'active',
      createdAt,
      revokedAt: null,
      lastSeenAt: seenAt,
      device: device({ deviceId: 'dev_scout_1' }),
      lag: 2,
      openConflicts: 0,
      key: null,
      preShared: true,
      wipe: null,
      report: { ...report, reportedAt: seenAt },
    },
    expect.objectContaining({ deviceId: 'dev_scout_2', role: 'agronomist', lag: 0, report: null }),
  ])
  for (const record of records) DeviceRecord.parse(record)
  await alice.push({ lastKnownServerCursor: (await alice.pull()).serverCursor })
  expect(await listed(bob)).toMatchObject([{ lag: 0 }, { lag: 0 }])
  const fresh = await workspace.device('dev_fresh')
  expect(await listed(fresh)).toMatchObject([
    { deviceId: 'dev_fresh', lag: null, device: null, lastSeenAt: null, report: null },
    {},
    {},
  ])
})

it('[OPS-22][ACC-3] tells nothing of tokens', async () => {
  const { viewer } = await farm()
  const { rows } = await services.db.pool.query<{ hash: Buffer }>(
    'SELECT token_hash AS hash FROM device_tokens WHERE workspace_id = $1',
    [viewer.actor.workspaceId],
  )
  const text = JSON.stringify(await listed(viewer))
  expect(text).not.toMatch(/token|hash/i)
  expect(rows).toHaveLength(5)
  for (const { hash } of rows) {
    expect(text).not.toContain(hash.toString('hex'))
    expect(text).not.toContain(hash.toString('base64'))
  }
})

it('[OPS-22][OPS-17] is ordered by id and paged, with a state too', async () => {
  const { viewer } = await farm()
  await services.runtime.deviceStates.flush()
  const follow = (input: DevicesInput) =>
    followPages((page) => listDevices({ ctx: viewer.ctx(), input: { ...input, ...page } }))
  const all = await follow({ limit: 2 })
  expect(all.pages).toEqual([2, 2, 1])
  expect(all.items.map(({ deviceId }) => deviceId)).toEqual([
    'dev_active',
    'dev_orphaned',
    'dev_quarantining',
    'dev_reporting',
    'dev_viewer',
  ])
  const narrowed = await follow({ limit: 2, state: 'conflicts' })
  expect(narrowed.pages).toEqual([2, 1])
  for (const cursor of ['k1', 'd', 'ddev_A', "ddev_'"]) {
    await expect(listDevices({ ctx: viewer.ctx(), input: { cursor } })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { issues: [{ path: '/cursor' }] },
    })
  }
})
