import { CreatedDevice, DeviceId, type DeviceRole, RevokedDevice } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { authenticate } from '../access/authenticate.ts'
import { listAudit } from '../audit/list.ts'
import { verifyAudit } from '../audit/verify.ts'
import { footprint, rowCounts } from '../testing/footprint.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { createDevice } from './create.ts'
import { revokeDevice } from './revoke.ts'

const services = await testServices()
const { runtime } = services
const idOf = (name: string) => DeviceId.parse(name)

async function farm() {
  const workspace = await services.workspace()
  return {
    workspaceId: workspace.workspaceId,
    workspace,
    admin: await workspace.device('dev_admin', 'admin'),
  }
}

const issue = async (device: TestDevice, name: string, key?: string, role: DeviceRole = 'scout') => {
  const input = { deviceId: idOf(name), role }
  const { document, replayed } = await createDevice({ ctx: device.ctx(key), input })
  return { answer: CreatedDevice.parse(document.toJSON()), text: document.text, replayed }
}
const withdraw = async (device: TestDevice, name: string, key?: string) => {
  const { document, replayed } = await revokeDevice({
    ctx: device.ctx(key),
    input: { deviceId: idOf(name) },
  })
  return { answer: RevokedDevice.parse(document.toJSON()), replayed }
}
const by = (token: string | null) =>
  authenticate({
    ctx: { ...services.admin, runtime },
    credentials: { deviceToken: token ?? '', bearer: undefined },
  })

it('[OPS-23][ACC-3] an admin makes a device; its token works, and is kept nowhere', async () => {
  const { admin, workspaceId } = await farm()
  const { answer, replayed } = await issue(admin, 'dev_new')
  expect(answer).toMatchObject({
    deviceId: 'dev_new',
    role: 'scout',
    createdAt: services.clock.now().toISOString(),
    token: expect.stringMatching(/^fsd_[\w-]{43}$/) as string,
  })
  expect(replayed).toBe(false)
  expect(await by(answer.token)).toMatchObject({ deviceId: 'dev_new', role: 'scout', workspaceId })
  const { rows } = await services.owner.pool.query<{ text: string }>(
    `SELECT e::text AS text FROM sync_events e UNION ALL SELECT a::text FROM audit_entries a
     UNION ALL SELECT t::text FROM device_tokens t UNION ALL SELECT d::text FROM devices d`,
  )
  expect(rows.length).toBeGreaterThan(4)
  for (const { text } of rows) expect(text).not.toContain(answer.token)
})

it('[OPS-23][IDM-2] a replay makes no second device and has no token', async () => {
  const { admin, workspaceId } = await farm()
  const first = await issue(admin, 'dev_new', 'a-key')
  const before = await footprint(services, workspaceId)
  const [second, third] = [await issue(admin, 'dev_new', 'a-key'), await issue(admin, 'dev_new', 'a-key')]
  expect(second).toEqual({ answer: { ...first.answer, token: null }, text: third.text, replayed: true })
  expect(third).toEqual(second)
  expect(await footprint(services, workspaceId)).toEqual(before)
})

it('[OPS-23][IDM-4] two of one key at once make one device, and one of them has the token', async () => {
  const { admin, workspaceId } = await farm()
  const both = await Promise.all([issue(admin, 'dev_new', 'a-key'), issue(admin, 'dev_new', 'a-key')])
  const outcomes = both.map(
    ({ replayed, answer }) => `${replayed ? 'replay' : 'first'}: ${typeof answer.token}`,
  )
  expect(outcomes.toSorted()).toEqual(['first: string', 'replay: object'])
  expect(await rowCounts(services, workspaceId)).toMatchObject({ sync_events: 1, audit_entries: 3 })
})

it('[OPS-23][IDM-3] a known key with another device is refused, and an existing device is a CONFLICT, without effect', async () => {
  const { admin, workspaceId } = await farm()
  await issue(admin, 'dev_new', 'a-key')
  const before = await footprint(services, workspaceId)
  await expect(issue(admin, 'dev_other', 'a-key')).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
  await expect(issue(admin, 'dev_new', 'a-key', 'viewer')).rejects.toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
  })
  await expect(issue(admin, 'dev_new', 'another')).rejects.toMatchObject({ code: 'CONFLICT' })
  expect(await footprint(services, workspaceId)).toEqual(before)
})

it('[OPS-24][ACC-4] a revoked device is refused from its next request on; revoking again changes nothing', async () => {
  const { admin, workspaceId } = await farm()
  const { answer: made } = await issue(admin, 'dev_new')
  services.clock.advance(1000)
  const revokedAt = services.clock.now().toISOString()
  expect(await withdraw(admin, 'dev_new', 'a-key')).toEqual({
    answer: { deviceId: 'dev_new', revokedAt, alreadyRevoked: false },
    replayed: false,
  })
  await expect(by(made.token)).rejects.toMatchObject({ details: { reason: 'revoked' } })
  services.clock.advance(1000)
  const before = await footprint(services, workspaceId)
  expect(await withdraw(admin, 'dev_new', 'a-key')).toMatchObject({
    answer: { revokedAt, alreadyRevoked: false },
    replayed: true,
  })
  expect(await withdraw(admin, 'dev_new')).toEqual({
    answer: { deviceId: 'dev_new', revokedAt, alreadyRevoked: true },
    replayed: false,
  })
  await expect(withdraw(admin, 'dev_none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(await footprint(services, workspaceId)).toEqual(before)
})

it('[OPS-24] an admin may revoke its own device', async () => {
  const { admin } = await farm()
  await withdraw(admin, 'dev_admin')
  await expect(by(admin.token)).rejects.toMatchObject({ details: { reason: 'revoked' } })
})

it('[OPS-23][OPS-24][AUD-7] both leave an entry that names the admin, in one chain', async () => {
  const { admin, workspaceId } = await farm()
  await issue(admin, 'dev_new', 'key-1')
  await withdraw(admin, 'dev_new', 'key-2')
  const entries = (await listAudit({ ctx: admin.ctx(), input: { limit: 2 } })).items.toJSON()
  const actor = { kind: 'device', deviceId: 'dev_admin', role: 'admin' }
  const target = { type: 'device', id: 'dev_new' }
  expect(entries).toMatchObject([
    { action: 'device.revoke', actor, target, request: { idempotencyKey: 'key-2' } },
    { action: 'device.create', actor, target, request: { idempotencyKey: 'key-1' } },
  ])
  expect(await verifyAudit({ ctx: await services.system(workspaceId), input: {} })).toMatchObject({
    ok: true,
  })
})

it('[AUD-1][OPS-23][OPS-24] where the audit cannot be written nothing is made or revoked', async () => {
  const { admin, workspaceId, workspace } = await farm()
  const scout = await workspace.device('dev_scout_1')
  await services.owner.pool.query(
    `ALTER TABLE audit_entries ADD CONSTRAINT no_more CHECK (workspace_id <> '${workspaceId}') NOT VALID`,
  )
  try {
    await expect(issue(admin, 'dev_new')).rejects.toThrow(/no_more/)
    await expect(withdraw(admin, 'dev_scout_1')).rejects.toThrow(/no_more/)
  } finally {
    await services.owner.pool.query('ALTER TABLE audit_entries DROP CONSTRAINT no_more')
  }
  expect(await by(scout.token)).toMatchObject({ deviceId: 'dev_scout_1' })
  await issue(admin, 'dev_new')
})

it.each(['viewer', 'scout', 'agronomist'] as const)(
  '[OPS-23][OPS-24][ACC-11] a %s may do neither',
  async (role) => {
    const { workspace, workspaceId } = await farm()
    const device = await workspace.device(`dev_${role}`, role)
    const before = await footprint(services, workspaceId)
    const refusal = { code: 'FORBIDDEN', details: { reason: 'role' } }
    await expect(issue(device, 'dev_new')).rejects.toMatchObject(refusal)
    await expect(withdraw(device, 'dev_admin')).rejects.toMatchObject(refusal)
    expect(await footprint(services, workspaceId)).toEqual(before)
  },
)

it('[OPS-23][ACC-4] rights that end while the call is under way are looked at again at the commit', async () => {
  const { admin, workspaceId } = await farm()
  await withdraw(admin, 'dev_admin')
  const before = await footprint(services, workspaceId)
  await expect(issue(admin, 'dev_new')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(await footprint(services, workspaceId)).toEqual(before)
})

it('[OPS-24][GUA-7] a device of another workspace cannot be revoked', async () => {
  const [ours, theirs] = [await farm(), await farm()]
  const device = await theirs.workspace.device('dev_theirs')
  await expect(withdraw(ours.admin, 'dev_theirs')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(await by(device.token)).toMatchObject({ deviceId: 'dev_theirs' })
})
