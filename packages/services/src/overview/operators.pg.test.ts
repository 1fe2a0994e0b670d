import {
  CreateDeviceInput,
  DevicesInput,
  DeviceId,
  DeviceRecord,
  ObservationsInput,
  Overview,
  Session,
  SyncDetail,
  SyncId,
  SyncRecord,
  SyncsInput,
} from '@fieldsync/contracts'
import { device, observation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { getSession } from '../access/get-session.ts'
import { issueDevice } from '../administration/issue-device.ts'
import { withdrawDevice } from '../administration/withdraw-device.ts'
import { listDeviceRecords } from '../devices/list-device-records.ts'
import { listObservations } from '../records/list-observations.ts'
import { getSync } from '../syncs/get-sync.ts'
import { listSyncs } from '../syncs/list-syncs.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { getOverview } from './get-overview.ts'

const services = await testServices()
const HOUR = 3_600_000

/** A scout with a confirmed note, a conflict over it, and something that waits; a viewer and an admin look on. */
async function farm() {
  const workspace = await services.workspace()
  const scout = await workspace.device('dev_scout_1', 'scout')
  const viewer = await workspace.device('dev_viewer', 'viewer')
  const admin = await workspace.device('dev_admin', 'admin')
  const note = observation({ status: 'confirmed' })
  await scout.push({ observations: [note, observation({ status: 'draft' })] })
  const late = observation({ ...note, rawNoteText: 'Other.', deterministicChecksum: undefined })
  const report = { pending: 3, conflicts: 1, quarantined: 0, oldestPendingAt: '2026-02-11T16:00:00Z' }
  const batch = syncBatch({ device: device({ deviceId: 'dev_scout_1' }), observations: [late], report })
  const { answer } = await scout.send(batch)
  return { workspace, scout, viewer, admin, note, answer }
}

const devicesOf = async (caller: TestDevice, input: object = {}) => {
  const { items } = await listDeviceRecords({ ctx: caller.ctx(), input: DevicesInput.parse(input) })
  return items.toJSON()
}

const syncsOf = async (caller: TestDevice, input: object = {}) => {
  const { items } = await listSyncs({ ctx: caller.ctx(), input: SyncsInput.parse(input) })
  return items.toJSON()
}

describe('what operators read', () => {
  it('[OPS-20] a session tells who calls and what it may do', async () => {
    const { viewer, admin, workspace } = await farm()
    const seen = await getSession({ ctx: viewer.ctx(), input: {} })
    expect(Session.parse(seen)).toMatchObject({
      workspace: { workspaceId: workspace.workspaceId },
      deviceId: 'dev_viewer',
      role: 'viewer',
    })
    expect(seen.rights).not.toContain('admin')
    expect((await getSession({ ctx: admin.ctx(), input: {} })).rights).toContain('admin')
  })

  it('[OPS-21] the overview counts devices by state, what waits, and the last hour by the minute', async () => {
    const { viewer } = await farm()
    const seen = Overview.parse(await getOverview({ ctx: viewer.ctx(), input: {} }))
    expect(seen).toMatchObject({
      devices: { active: 0, conflicts: 1, silent: 0, never: 2, revoked: 0 },
      openConflicts: 1,
      oldestUnsynced: { deviceId: 'dev_scout_1', pending: 3, oldestPendingAt: '2026-02-11T16:00:00Z' },
      lastHour: { syncs: 2, accepted: 2, conflicts: 1 },
    })
    expect(seen.lastHour.minutes).toHaveLength(60)
    expect(seen.lastHour.minutes.at(-1)).toMatchObject({ syncs: 2, accepted: 2, conflicts: 1 })
  })

  it('[OPS-22] devices tell how far behind they are and what they reported, and nothing of their tokens', async () => {
    const { scout, viewer, admin } = await farm()
    await admin.push({ observations: [observation({ deviceId: 'dev_admin' })] })
    const listed = await devicesOf(viewer)
    for (const each of listed) DeviceRecord.parse(each)
    const seen = listed.find(({ deviceId }) => deviceId === 'dev_scout_1')
    expect(seen).toMatchObject({
      role: 'scout',
      state: 'conflicts',
      lag: 1,
      openConflicts: 1,
      report: { pending: 3, conflicts: 1, quarantined: 0 },
    })
    expect(JSON.stringify(listed)).not.toContain(scout.token)
    expect(JSON.stringify(listed)).not.toMatch(/token|hash/iu)
    expect((await devicesOf(viewer, { state: 'never' })).map(({ deviceId }) => deviceId)).toEqual([
      'dev_viewer',
    ])
  })

  it('[OPS-30] a device is active, then silent after a day, and never before its first call', async () => {
    const workspace = await services.workspace()
    const scout = await workspace.device('dev_scout_1', 'scout')
    const viewer = await workspace.device('dev_viewer', 'viewer')
    const stateOf = async (name: string) =>
      (await devicesOf(viewer)).find(({ deviceId }) => deviceId === name)?.state
    expect(await stateOf('dev_scout_1')).toBe('never')
    await scout.push({ observations: [observation({})] })
    expect(await stateOf('dev_scout_1')).toBe('active')
    services.clock.advance(24 * HOUR + 1)
    expect(await stateOf('dev_scout_1')).toBe('silent')
  })

  it('[OPS-25] batches are listed with what came and what became of it, and found by device, time and code', async () => {
    const { viewer, answer } = await farm()
    const listed = await syncsOf(viewer)
    for (const each of listed) SyncRecord.parse(each)
    expect(listed.map(({ conflicts, accepted }) => [conflicts, accepted.observations])).toEqual([
      [1, 0],
      [0, 2],
    ])
    const [found, ...others] = await syncsOf(viewer, { code: 'OBSERVATION_IMMUTABLE' })
    expect(others).toEqual([])
    expect(found).toMatchObject({
      syncId: answer.syncId,
      codes: [{ code: 'OBSERVATION_IMMUTABLE', count: 1 }],
    })
    expect(await syncsOf(viewer, { code: 'RECOMMENDATION_ORPHAN' })).toEqual([])
    expect(await syncsOf(viewer, { deviceId: 'dev_admin' })).toEqual([])
    const tomorrow = new Date(services.clock.now().getTime() + 24 * HOUR).toISOString()
    expect(await syncsOf(viewer, { from: tomorrow })).toEqual([])
    expect(await syncsOf(viewer, { to: tomorrow })).toHaveLength(2)
  })

  it('[OPS-26] one batch shows each conflict with its reason, and that it was resolved', async () => {
    const { scout, viewer, answer } = await farm()
    const input = { deviceId: DeviceId.parse('dev_scout_1'), syncId: SyncId.parse(answer.syncId) }
    const seen = SyncDetail.parse((await getSync({ ctx: viewer.ctx(), input })).toJSON())
    const [conflict] = answer.conflicts
    expect(seen.toldConflicts).toMatchObject([
      { code: 'OBSERVATION_IMMUTABLE', message: conflict?.message, open: true, resolvedAt: null },
    ])
    const resolved = [{ conflictId: conflict?.conflictId ?? '', resolution: 'discard' as const }]
    await scout.push({ report: { pending: 0, conflicts: 0, quarantined: 0, resolved } })
    const after = (await getSync({ ctx: viewer.ctx(), input })).toJSON()
    expect(after.toldConflicts).toMatchObject([{ open: false, resolvedAs: 'discard' }])
    const unknown = { ...input, syncId: SyncId.parse('nobody-sent-it') }
    await expect(getSync({ ctx: viewer.ctx(), input: unknown })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('[OPS-28][OPS-29] observations are narrowed by everything that is given', async () => {
    const { viewer, note } = await farm()
    const idsOf = async (input: object) => {
      const { items } = await listObservations({ ctx: viewer.ctx(), input: ObservationsInput.parse(input) })
      return items.toJSON().map(({ observationId }) => observationId)
    }
    const { extraction, deviceId } = note
    const all = { ...extraction, deviceId, status: 'confirmed' }
    const { issue, severity, fieldBlock, status } = all
    expect(await idsOf({ status, deviceId, issue, severity, fieldBlock })).toEqual([note.observationId])
    expect(await idsOf({ text: note.rawNoteText.slice(3, 20) })).toContain(note.observationId)
    for (const other of [
      { status: 'logged' },
      { deviceId: 'dev_other' },
      { fieldBlock: 'Nowhere' },
      { text: 'qqq' },
    ])
      expect(await idsOf({ ...other })).toEqual([])
  })

  it('[GUA-7] nothing of it tells of another workspace', async () => {
    const { answer } = await farm()
    const stranger = await (await services.workspace()).device('dev_viewer', 'viewer')
    expect(await devicesOf(stranger)).toHaveLength(1)
    expect(await syncsOf(stranger)).toEqual([])
    expect((await getOverview({ ctx: stranger.ctx(), input: {} })).lastHour.syncs).toBe(0)
    const input = { deviceId: DeviceId.parse('dev_scout_1'), syncId: SyncId.parse(answer.syncId) }
    await expect(getSync({ ctx: stranger.ctx(), input })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('what admins do', () => {
  const wanted = CreateDeviceInput.parse({ deviceId: 'dev_new', role: 'scout' })
  const issuing = (caller: TestDevice, key: string) => ({ ...caller.ctx(key), pepper: services.pepper })

  it('[OPS-23] a device is made with a token that is told once: a replay has null', async () => {
    const { admin } = await farm()
    const first = await issueDevice({ ctx: issuing(admin, 'one'), input: wanted })
    expect(first.document.toJSON().token).toMatch(/^fsd_\S{43}$/u)
    const again = await issueDevice({ ctx: issuing(admin, 'one'), input: wanted })
    expect(again).toMatchObject({ replayed: true })
    expect(again.document.toJSON()).toMatchObject({ deviceId: 'dev_new', token: null })
    await expect(issueDevice({ ctx: issuing(admin, 'two'), input: wanted })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
  })

  it('[OPS-24] a revoked device is shown as that, and revoking it again changes nothing', async () => {
    const { admin, viewer } = await farm()
    const input = { deviceId: DeviceId.parse('dev_scout_1') }
    const first = (await withdrawDevice({ ctx: admin.ctx(), input })).document.toJSON()
    expect(first).toMatchObject({ alreadyRevoked: false })
    services.clock.advance(1000)
    const again = (await withdrawDevice({ ctx: admin.ctx(), input })).document.toJSON()
    expect(again).toEqual({ ...first, alreadyRevoked: true })
    expect((await devicesOf(viewer, { state: 'revoked' })).map(({ deviceId }) => deviceId)).toEqual([
      'dev_scout_1',
    ])
  })

  it('[OPS-23][OPS-24][ACC-7] nobody else does', async () => {
    const { scout, viewer } = await farm()
    for (const caller of [scout, viewer]) {
      const forbidden = { code: 'FORBIDDEN' }
      await expect(issueDevice({ ctx: issuing(caller, 'one'), input: wanted })).rejects.toMatchObject(
        forbidden,
      )
      const input = { deviceId: DeviceId.parse('dev_admin') }
      await expect(withdrawDevice({ ctx: caller.ctx(), input })).rejects.toMatchObject(forbidden)
    }
  })
})
