import { ChangedSettings, type ChangeSettingsInput, DeviceId, WorkspaceSettings } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { getSession } from '../access/get-session.ts'
import { listAudit } from '../audit/list.ts'
import { createDevice } from '../devices/create.ts'
import { holdWrites } from '../testing/gate.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { changeSettings } from './change-settings.ts'
import { getSettings } from './get-settings.ts'

const services = await testServices()
const another = services.anotherServer()
const DEFAULTS = {
  version: 0,
  confirmKeys: false,
  fourEyes: false,
  deviceTokens: { mode: 'allowed' },
  weather: 'live',
  secondFactor: 'optional',
  changedAt: null,
  changedBy: null,
}

async function farm() {
  const workspace = await services.workspace()
  const admin = await workspace.device('dev_admin', 'admin')
  return { workspace, workspaceId: workspace.workspaceId, admin }
}

const change = async (admin: TestDevice, input: ChangeSettingsInput, key?: string) => {
  const { document, replayed } = await changeSettings({ ctx: admin.ctx(key), input })
  return { ...ChangedSettings.parse(document.toJSON()), replayed }
}
const settingsOf = async (device: TestDevice) =>
  WorkspaceSettings.parse(await getSettings({ ctx: device.ctx(), input: {} }))
const entriesOf = async (admin: TestDevice) =>
  (await listAudit({ ctx: admin.ctx(), input: {} })).items
    .toJSON()
    .filter(({ action }) => action === 'workspace.change_settings')

/** A key as the database has it, of a device that exists. */
async function addKey(
  workspaceId: string,
  deviceId: string,
  { confirmed = true, used = true, ended = false }: { confirmed?: boolean; used?: boolean; ended?: boolean },
): Promise<void> {
  await services.owner.pool.query(
    `INSERT INTO device_keys (workspace_id, device_id, thumbprint, public_jwk, created_at, confirmed_at, first_used_at, ended_at)
       VALUES ($1, $2, 'k', '{}', now(), $3, $4, $5)`,
    [
      workspaceId,
      deviceId,
      confirmed ? new Date() : null,
      used ? new Date() : null,
      ended ? new Date() : null,
    ],
  )
}

describe('the settings of a workspace', () => {
  it('[WSP-1][OPS-45] are the defaults until somebody changes them, and count who still has a token', async () => {
    const { workspace, workspaceId, admin } = await farm()
    const viewer = await workspace.device('dev_viewer', 'viewer')
    await (await workspace.device('dev_lost', 'admin')).revoke()
    expect(await settingsOf(viewer)).toEqual({ ...DEFAULTS, preShared: { devices: 2, admins: 1 } })
    await services.owner.pool.query(
      `UPDATE device_tokens SET revoked_at = now() WHERE workspace_id = $1 AND device_id = 'dev_viewer'`,
      [workspaceId],
    )
    expect(await settingsOf(admin)).toMatchObject({ preShared: { devices: 1, admins: 1 } })
  })

  it('[WSP-2][WSP-3][OPS-46] are changed in part, each change one version and one audit entry', async () => {
    const { workspaceId, admin } = await farm()
    await addKey(workspaceId, 'dev_admin', {})
    const at = services.clock.now().toISOString()
    const first = { confirmKeys: true, version: 1, changedAt: at, changedBy: 'dev_admin', changed: true }
    expect(await change(admin, { baseVersion: 0, confirmKeys: true })).toMatchObject({
      ...first,
      deviceTokens: { mode: 'allowed' },
    })
    const until = '2026-12-24T10:00:00+01:00'
    const second = {
      version: 2,
      confirmKeys: true,
      deviceTokens: { mode: 'until', until: '2026-12-24T09:00:00.000Z' },
    }
    expect(await change(admin, { baseVersion: 1, deviceTokens: { mode: 'until', until } })).toMatchObject({
      ...second,
      changed: true,
    })
    expect(await settingsOf(admin)).toMatchObject(second)
    const [later, earlier, ...more] = await entriesOf(admin)
    expect(more).toEqual([])
    expect(earlier).toMatchObject({
      target: { type: 'workspace', id: workspaceId },
      change: { paths: ['/confirmKeys'] },
    })
    expect(later).toMatchObject({ change: { paths: ['/deviceTokens'] } })
    expect(later?.change?.beforeSha256).toBe(earlier?.change?.afterSha256)
  })

  it('[WSP-7] say where weather comes from, and the session says what to expect of it', async () => {
    const { admin } = await farm()
    const expected = async () => (await getSession({ ctx: admin.ctx(), input: {} })).weather
    expect(await expected()).toBe('off')
    expect(await change(admin, { baseVersion: 0, weather: 'demo' })).toMatchObject({
      weather: 'demo',
      version: 1,
    })
    expect(await settingsOf(admin)).toMatchObject({ weather: 'demo' })
    expect(await expected()).toBe('demo')
    expect(await change(admin, { baseVersion: 1, confirmKeys: true })).toMatchObject({ weather: 'demo' })
    expect(await change(admin, { baseVersion: 2, weather: 'off' })).toMatchObject({ weather: 'off' })
    expect(await expected()).toBe('off')
    expect((await entriesOf(admin)).map((entry) => entry.change?.paths)).toEqual([
      ['/weather'],
      ['/confirmKeys'],
      ['/weather'],
    ])
  })

  it('[WSP-3] that are these already are answered as such', async () => {
    const { admin } = await farm()
    expect(
      await change(admin, { baseVersion: 0, confirmKeys: false, deviceTokens: { mode: 'allowed' } }),
    ).toMatchObject({ ...DEFAULTS, changed: false })
    expect(await change(admin, { baseVersion: 0 })).toMatchObject({ version: 0, changed: false })
    expect(await entriesOf(admin)).toEqual([])
  })

  it('[WSP-2] that somebody else has changed meanwhile are refused with the present ones', async () => {
    const { workspace, admin } = await farm()
    const other = await workspace.device('dev_other', 'admin')
    await change(other, { baseVersion: 0, confirmKeys: true })
    const refusal = await change(admin, { baseVersion: 0, confirmKeys: true }).catch(
      (error: unknown) => error,
    )
    expect(refusal).toMatchObject({ code: 'CONFLICT', details: { reason: 'settings_version' } })
    const { details } = refusal as { details: { settings: unknown } }
    expect(WorkspaceSettings.parse(details.settings)).toEqual(await settingsOf(admin))
    expect(await settingsOf(admin)).toMatchObject({ version: 1, changedBy: 'dev_other' })
  })

  it('[WSP-2] of two admins at once, at two servers, one changes them', async () => {
    const { workspace, workspaceId, admin } = await farm()
    const there = (await workspace.device('dev_other', 'admin')).at(another)
    const gate = await holdWrites(services, workspaceId)
    const both = Promise.allSettled([
      change(admin, { baseVersion: 0, confirmKeys: true }),
      change(there, { baseVersion: 0, confirmKeys: true }),
    ])
    await gate.waiting(2)
    await gate.open()
    const outcomes = await both
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'CONFLICT', details: { reason: 'settings_version', settings: { version: 1 } } },
    })
    expect(await settingsOf(admin)).toMatchObject({ version: 1, confirmKeys: true })
    expect(await entriesOf(admin)).toHaveLength(1)
  })

  it('[WSP-2][IDM-2] a lost answer is given again, although the version has moved on', async () => {
    const { admin } = await farm()
    const input = { baseVersion: 0, confirmKeys: true }
    const first = await change(admin, input, 'lost')
    await change(admin, { baseVersion: 1, confirmKeys: false })
    expect(await change(admin, input, 'lost')).toEqual({ ...first, replayed: true })
    await expect(change(admin, { baseVersion: 2, confirmKeys: true }, 'lost')).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    })
  })

  it('[WSP-1][WSP-3] that the operator changes name nobody', async () => {
    const { workspaceId, admin } = await farm()
    const ctx = await services.system(workspaceId)
    await changeSettings({ ctx, input: { baseVersion: 0, confirmKeys: true } })
    expect(await settingsOf(admin)).toMatchObject({ version: 1, changedBy: null })
    expect(await entriesOf(admin)).toMatchObject([{ actor: { kind: 'system' } }])
  })

  it('[ACC-7] are changed by an admin alone', async () => {
    const { workspace } = await farm()
    const agronomist = await workspace.device('dev_agronomist', 'agronomist')
    await expect(change(agronomist, { baseVersion: 0, confirmKeys: true })).rejects.toMatchObject({
      code: 'FORBIDDEN',
      details: { reason: 'role' },
    })
  })
})

describe('refusing pre-shared tokens', () => {
  const refuse = { baseVersion: 0, deviceTokens: { mode: 'refused' } } as const
  const noAdminKey = { code: 'CONFLICT', details: { reason: 'no_admin_key' } }

  it.each<[string, string, Parameters<typeof addKey>[2]]>([
    ['of a scout', 'dev_scout', {}],
    ['of an admin that was revoked', 'dev_revoked', {}],
    ['that waits to be confirmed', 'dev_admin', { confirmed: false, used: false }],
    ['that was never used', 'dev_admin', { used: false }],
    ['that has ended', 'dev_admin', { ended: true }],
  ])('[WSP-4] is refused while there is only a key %s', async (_, deviceId, options) => {
    const { workspace, workspaceId, admin } = await farm()
    await workspace.device('dev_scout')
    const revoked = await workspace.device('dev_revoked', 'admin')
    await addKey(workspaceId, deviceId, options)
    await revoked.revoke()
    for (const deviceTokens of [
      refuse.deviceTokens,
      { mode: 'until', until: '2030-01-01T00:00:00Z' } as const,
    ])
      await expect(change(admin, { baseVersion: 0, deviceTokens })).rejects.toMatchObject(noAdminKey)
    expect(await settingsOf(admin)).toMatchObject({ version: 0 })
    await services.owner.pool.query('DELETE FROM device_keys WHERE workspace_id = $1', [workspaceId])
    await addKey(workspaceId, 'dev_admin', {})
    expect(await change(admin, refuse)).toMatchObject({ version: 1, deviceTokens: { mode: 'refused' } })
  })

  it('[WSP-4] by the key of another workspace’s admin is refused', async () => {
    const [ours, theirs] = [await farm(), await farm()]
    await addKey(theirs.workspaceId, 'dev_admin', {})
    await expect(change(ours.admin, refuse)).rejects.toMatchObject(noAdminKey)
  })

  it('[WSP-4] until a moment that has passed is no valid setting', async () => {
    const { workspaceId, admin } = await farm()
    await addKey(workspaceId, 'dev_admin', {})
    const until = services.clock.now().toISOString()
    await expect(
      change(admin, { baseVersion: 0, deviceTokens: { mode: 'until', until } }),
    ).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { issues: [{ path: '/deviceTokens/until' }] },
    })
  })

  it('[ACC-26] and adding one take turns: none is left that was added behind the setting', async () => {
    const { workspaceId, admin } = await farm()
    await addKey(workspaceId, 'dev_admin', {})
    const ctx = await services.system(workspaceId)
    const gate = await holdWrites(services, workspaceId)
    const refusing = changeSettings({ ctx, input: refuse })
    await gate.waiting(1)
    const deviceId = DeviceId.parse('dev_late')
    const creating = createDevice({ ctx, input: { deviceId, role: 'scout' } }).catch(
      (error: unknown) => error,
    )
    await gate.waiting(2)
    await gate.open()
    await refusing
    expect(await creating).toMatchObject({ code: 'CONFLICT', details: { reason: 'tokens_refused' } })
    expect(await settingsOf(admin)).toMatchObject({ preShared: { devices: 1 } })
  })
})
