import { randomUUID } from 'node:crypto'

import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { observation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { authenticate } from '../access/authenticate.ts'
import { mintToken } from '../access/device-token.ts'
import { verifyAudit } from '../audit/verify.ts'
import { createDevice } from '../devices/create.ts'
import { type ConfiguredDevice, ensureConfiguredDevices } from '../devices/ensure-configured.ts'
import { listDevices } from '../devices/list.ts'
import { revokeDevice } from '../devices/revoke.ts'
import { rowCounts } from '../testing/footprint.ts'
import { testServices } from '../testing/test-workspace.ts'
import { systemContext } from '../write/admin-context.ts'
import { createWorkspace } from './create.ts'
import { getSettings } from './get-settings.ts'
import { listWorkspaces } from './list.ts'

const services = await testServices()
const another = services.anotherServer()

const newId = () => WorkspaceId.parse(`ws_${randomUUID()}`)
const device = (name: string) => DeviceId.parse(name)
const ctx = () => services.admin
const system = (workspaceId: WorkspaceId) => services.system(workspaceId)
const devicesOf = async (workspaceId: WorkspaceId) =>
  (await listDevices({ ctx: await system(workspaceId), input: {} })).items.toJSON()
const twice = <T>(work: (ctx: typeof services.admin) => Promise<T>) =>
  Promise.allSettled([work(services.admin), work(another.admin)])
const by = (token: string) =>
  authenticate({
    ctx: { ...services.admin, runtime: services.runtime },
    credentials: { deviceToken: token, bearer: undefined },
  })

describe('workspaces', () => {
  it('[WSP-7] begin with another weather where that is asked for, as the demo is', async () => {
    const workspaceId = newId()
    await createWorkspace({ ctx: ctx(), input: { workspaceId, weather: 'demo' } })
    expect(await getSettings({ ctx: await system(workspaceId), input: {} })).toMatchObject({
      version: 1,
      weather: 'demo',
      fourEyes: false,
      deviceTokens: { mode: 'allowed' },
      changedBy: null,
    })
  })

  it('[RUN-6] begin with the starter playbook, the demo weather and a time zone', async () => {
    const workspaceId = newId()
    const made = await createWorkspace({ ctx: ctx(), input: { workspaceId, name: 'Hill Farm' } })
    expect(made).toEqual({
      workspaceId,
      workspaceUid: expect.stringMatching(/^wsu_[0-9a-f]{32}$/),
      name: 'Hill Farm',
      timeZone: 'America/Los_Angeles',
      createdAt: services.clock.now(),
    })
    expect(
      (await createWorkspace({ ctx: ctx(), input: { workspaceId: newId(), timeZone: 'Europe/Berlin' } }))
        .timeZone,
    ).toBe('Europe/Berlin')
    const { rows } = await services.db.pool.query(
      `SELECT (SELECT active_version FROM playbooks WHERE workspace_id = $1 AND playbook_id = 'pbk_yolo_grape') AS version,
              (SELECT array_agg(weather_features_id ORDER BY weather_features_id) FROM weather_features WHERE workspace_id = $1) AS weather`,
      [workspaceId],
    )
    expect(rows).toEqual([{ version: 3, weather: ['wxf_19700101_none', 'wxf_20260211_demo_01'] }])
    expect((await listWorkspaces({ ctx: ctx() })).find((each) => each.workspaceId === workspaceId)).toEqual({
      ...made,
      devices: 0,
    })
  })

  it('[RUN-10] of one name are made once, also at two servers at once', async () => {
    const workspaceId = newId()
    const outcomes = await twice((admin) => createWorkspace({ ctx: admin, input: { workspaceId } }))
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await expect(createWorkspace({ ctx: ctx(), input: { workspaceId } })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    expect(await rowCounts(services, workspaceId)).toMatchObject({
      playbooks: 1,
      audit_entries: 1,
      log_commits: 1,
    })
  })

  it('[RUN-10] with an unknown time zone are refused, and nothing is made', async () => {
    const workspaceId = newId()
    await expect(
      createWorkspace({ ctx: ctx(), input: { workspaceId, timeZone: 'Mars/Olympus' } }),
    ).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
    await expect(system(workspaceId)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})

describe('devices', () => {
  it('[RUN-10][AUD-7] are made, listed and revoked', async () => {
    const { workspaceId } = await services.workspace()
    const admin = await system(workspaceId)
    const { document } = await createDevice({
      ctx: admin,
      input: { deviceId: device('dev_b'), role: 'scout' },
    })
    const { token } = document.toJSON()
    await createDevice({ ctx: admin, input: { deviceId: device('dev_a'), role: 'viewer' } })
    expect(token).toMatch(/^fsd_[\w-]{43}$/)
    const createdAt = services.clock.now().toISOString()
    services.clock.advance(1000)
    const input = { deviceId: device('dev_b') }
    const revoked = async () => (await revokeDevice({ ctx: admin, input })).document.toJSON()
    const revokedAt = services.clock.now().toISOString()
    expect(await revoked()).toEqual({ ...input, revokedAt, alreadyRevoked: false })
    services.clock.advance(1000)
    expect(await revoked()).toEqual({ ...input, revokedAt, alreadyRevoked: true })
    expect(await devicesOf(workspaceId)).toMatchObject([
      { deviceId: 'dev_a', role: 'viewer', createdAt, revokedAt: null, lastSeenAt: null },
      { deviceId: 'dev_b', role: 'scout', createdAt, revokedAt, lastSeenAt: null },
    ])
    await expect(by(token ?? '')).rejects.toMatchObject({ details: { reason: 'revoked' } })
    expect(
      (await listWorkspaces({ ctx: ctx() })).find((each) => each.workspaceId === workspaceId)?.devices,
    ).toBe(1)
    expect(await verifyAudit({ ctx: admin, input: {} })).toMatchObject({ ok: true, rows: 4 })
  })

  it('[RUN-10] of one name are made and revoked once, also at two servers at once', async () => {
    const { workspaceId } = await services.workspace()
    const input = { deviceId: device('dev_a'), role: 'scout' } as const
    const made = await twice(async (admin) =>
      createDevice({ ctx: await systemContext(admin, workspaceId), input }),
    )
    expect(made.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const revoked = await twice(async (admin) => {
      const { document } = await revokeDevice({ ctx: await systemContext(admin, workspaceId), input })
      return document.toJSON().alreadyRevoked
    })
    expect(new Set(revoked.map((each) => each.status === 'fulfilled' && each.value))).toEqual(
      new Set([false, true]),
    )
    expect(revoked.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    expect((await rowCounts(services, workspaceId)).audit_entries).toBe(3)
  })

  it('[RUN-10] are refused for an unknown workspace or device and for a token in use', async () => {
    const { workspaceId } = await services.workspace()
    const admin = await system(workspaceId)
    await expect(system(newId())).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(revokeDevice({ ctx: admin, input: { deviceId: device('dev_a') } })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    const token = mintToken()
    await createDevice({ ctx: admin, input: { deviceId: device('dev_a'), role: 'scout', token } })
    const taken = { deviceId: device('dev_b'), role: 'scout', token } as const
    await expect(createDevice({ ctx: admin, input: taken })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await devicesOf(workspaceId)).toHaveLength(1)
  })

  it('[ACC-4] a revoked one is refused at the commit of a batch that was under way', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_a')
    const slow = alice.interrupted((statement) =>
      statement === 'fieldsync_commit_all' ? alice.revoke() : undefined,
    )
    await expect(slow.push({ observations: [observation({ deviceId: 'dev_a' })] })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
    expect(await rowCounts(services, workspace.workspaceId)).toMatchObject({
      observations: 0,
      sync_events: 0,
    })
  })
})

describe('configured devices', () => {
  const configured = (
    workspaceId: WorkspaceId,
    name: string,
    overrides: Partial<ConfiguredDevice> = {},
  ): ConfiguredDevice => ({
    workspaceId,
    deviceId: device(name),
    role: 'agronomist',
    token: `token-${randomUUID()}`,
    ...overrides,
  })
  const ensure = async (input: ConfiguredDevice[], admin = services.admin) =>
    (await ensureConfiguredDevices({ ctx: admin, input })).map(({ outcome }) => outcome)

  it('[RUN-4] are made with their workspaces; a second start changes nothing', async () => {
    const [one, two] = [newId(), newId()]
    const input = [
      configured(one, 'dev_a'),
      configured(one, 'dev_b', { role: 'viewer' }),
      configured(two, 'dev_a'),
    ]
    expect(await ensure(input)).toEqual(['created', 'created', 'created'])
    const before = [await rowCounts(services, one), await rowCounts(services, two)]
    expect(await ensure(input)).toEqual(['unchanged', 'unchanged', 'unchanged'])
    expect(await ensure(input.map((each) => ({ ...each, role: 'admin' as const })))).toEqual([
      'unchanged',
      'unchanged',
      'unchanged',
    ])
    const results = await ensureConfiguredDevices({
      ctx: ctx(),
      input: input.map((each) => ({ ...each, role: 'viewer' as const })),
    })
    expect(results.map(({ role }) => role)).toEqual(input.map(({ role }) => role))
    expect([await rowCounts(services, one), await rowCounts(services, two)]).toEqual(before)
    for (const { token, workspaceId, deviceId, role } of input)
      expect(await by(token)).toMatchObject({ workspaceId, deviceId, role })
  })

  it('[RUN-4] are made once when several servers start at once', async () => {
    const workspaceId = newId()
    const input = Array.from({ length: 4 }, (_, i) => configured(workspaceId, `dev_${i}`))
    const outcomes = await Promise.all(
      [services, another, services, another].map((server) => ensure(input, server.admin)),
    )
    expect(outcomes.flat().filter((each) => each === 'created')).toHaveLength(4)
    expect(outcomes.flat().filter((each) => each === 'unchanged')).toHaveLength(12)
    expect((await rowCounts(services, workspaceId)).audit_entries).toBe(5)
    for (const { token, deviceId } of input) expect(await by(token)).toMatchObject({ deviceId })
  })

  it('[RUN-4] that are revoked stay revoked, whichever token is configured', async () => {
    const entry = configured(newId(), 'dev_a')
    await ensure([entry])
    await revokeDevice({ ctx: await system(entry.workspaceId), input: entry })
    const renewed = { ...entry, token: `token-${randomUUID()}` }
    expect(await ensure([entry])).toEqual(['revoked'])
    expect(await ensure([renewed])).toEqual(['revoked'])
    await expect(by(entry.token)).rejects.toMatchObject({ details: { reason: 'revoked' } })
    await expect(by(renewed.token)).rejects.toMatchObject({ details: { reason: 'invalid' } })
  })

  it('[RUN-4] get a new token beside the old one, and never the token of another', async () => {
    const entry = configured(newId(), 'dev_a')
    await ensure([entry])
    const renewed = { ...entry, token: `token-${randomUUID()}` }
    expect(await ensure([renewed])).toEqual(['token_added'])
    for (const { token } of [entry, renewed]) expect(await by(token)).toMatchObject({ deviceId: 'dev_a' })
    await expect(
      ensure([configured(entry.workspaceId, 'dev_b', { token: entry.token })]),
    ).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await devicesOf(entry.workspaceId)).toHaveLength(1)
  })
})
