import { randomUUID } from 'node:crypto'

import {
  CreateGrantInput,
  type GrantId,
  type GrantRecord,
  type GrantsInput,
  MAX_GRANTS,
} from '@fieldsync/contracts'
import { playbookPatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { authenticate } from '../access/authenticate.ts'
import { getSession } from '../access/get-session.ts'
import { listAudit } from '../audit/list.ts'
import type { ServiceContext } from '../core/context.ts'
import { footprint } from '../testing/footprint.ts'
import { type TestDevice, testServices, type TestWorkspace } from '../testing/test-workspace.ts'
import { createGrant } from './create.ts'
import { listGrants } from './list.ts'
import { revokeGrant } from './revoke.ts'

const services = await testServices()
const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'

type Wanted = Partial<Omit<CreateGrantInput, 'deviceId'>> & { deviceId: string }
const input = (wanted: Wanted): CreateGrantInput =>
  CreateGrantInput.parse({ path: WIND, actions: ['edit'], ...wanted })

/** A device as it calls next: its rights are read for every request. */
const present = async (device: TestDevice, key: string = randomUUID()): Promise<ServiceContext> => {
  const credentials = { deviceToken: device.token, bearer: undefined }
  return { ...device.ctx(key), actor: await authenticate({ ctx: services.admin, credentials }) }
}
const give = async (device: TestDevice, wanted: Wanted): Promise<GrantRecord> =>
  (await createGrant({ ctx: await present(device), input: input(wanted) })).document.toJSON()
const end = async (device: TestDevice, grantId: GrantId) =>
  (await revokeGrant({ ctx: await present(device), input: { grantId } })).document.toJSON()
const grants = async (device: TestDevice, filter: GrantsInput = {}): Promise<GrantRecord[]> =>
  (await listGrants({ ctx: await present(device), input: filter })).items.toJSON()

/** An admin, and an agronomist whose grants were all ended. */
async function farm() {
  const workspace = await services.workspace()
  const admin = await workspace.device('dev_admin', 'admin')
  const agro = await workspace.device('dev_agro', 'agronomist')
  for (const { grantId } of await grants(admin, { deviceId: agro.actor.deviceId })) await end(admin, grantId)
  return { workspace, admin, agro }
}

const later = (ms: number): string => new Date(services.clock.time.getTime() + ms).toISOString()
const setWind = (agro: TestDevice, value = 9) =>
  playbookPatch({
    requestedByDeviceId: agro.actor.deviceId,
    baseVersion: 3,
    operations: [{ op: 'replace', path: WIND, value }],
  })
const sends = async (agro: TestDevice) =>
  (await agro.as((await present(agro)).actor).push({ playbookPatches: [setWind(agro)] })).conflicts.map(
    ({ reason }) => reason,
  )
const refused = (code: string, details?: object) => expect.objectContaining({ code, details })
const stored = ({ workspaceId }: TestWorkspace) => footprint(services, workspaceId)

describe('granting', () => {
  it('[GRA-10, GRA-12, OPS-56] acts on the next request, and ends on it', async () => {
    const { admin, agro } = await farm()
    expect(await sends(agro)).toEqual(['grant'])
    const made = await give(admin, { deviceId: 'dev_agro' })
    expect(made).toMatchObject({
      deviceId: 'dev_agro',
      playbookId: null,
      path: WIND,
      actions: ['edit'],
      byRole: false,
      grantedBy: 'dev_admin',
      revokedAt: null,
    })
    await end(admin, made.grantId)
    expect(await sends(agro)).toEqual(['grant'])
    await give(admin, { deviceId: 'dev_agro' })
    expect(await sends(agro)).toEqual([])
  })

  it('[GRA-10] refuses a write under way', async () => {
    const { admin, agro } = await farm()
    const made = await give(admin, { deviceId: 'dev_agro' })
    let isEnded = false
    const slow = agro.as((await present(agro)).actor).interrupted((name) => {
      if (isEnded || name !== 'fieldsync_commit_all') return undefined
      isEnded = true
      return end(admin, made.grantId).then(() => undefined)
    })
    await expect(slow.push({ playbookPatches: [setWind(agro)] })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
    expect(isEnded).toBe(true)
    expect(await sends(agro)).toEqual(['grant'])
  })

  it('[GRA-7, GRA-12] nobody gives others more than they hold, and nothing is stored of an attempt', async () => {
    const { workspace, admin, agro } = await farm()
    const own = (await grants(admin, { deviceId: admin.actor.deviceId }))[0]
    const narrower: Wanted = {
      deviceId: 'dev_admin',
      path: '/rules',
      actions: ['edit', 'create'],
      expiresAt: later(1000),
    }
    const other = await workspace.device('dev_other', 'admin')
    await give(other, narrower)
    if (own) await end(admin, own.grantId)
    const before = await stored(workspace)
    for (const wanted of [
      { path: '' },
      { path: '/rule' },
      { path: '/rules~1rule_pm_moderate' },
      { path: '/rules', actions: ['delete'] },
      { path: '/rules', actions: ['edit', 'publish'] },
      { path: '/rules' },
      { path: '/rules', expiresAt: later(1001) },
    ] satisfies Omit<Wanted, 'deviceId'>[]) {
      await expect(give(admin, { deviceId: 'dev_agro', ...wanted }), JSON.stringify(wanted)).rejects.toThrow(
        expect.objectContaining({ code: 'FORBIDDEN', details: { reason: 'grant' } }),
      )
    }
    expect(await stored(workspace)).toEqual(before)
    await give(admin, { deviceId: 'dev_agro', path: '/rules', expiresAt: later(1000) })
    services.clock.advance(1000)
    await expect(give(admin, { deviceId: 'dev_agro', expiresAt: later(1) })).rejects.toMatchObject({
      details: { reason: 'grant' },
    })
    expect(await sends(agro)).toEqual(['grant'])
  })

  it('[GRA-12, GRA-13] an agronomist gives nothing, not to themselves either, and ends what they hold and nobody else’s', async () => {
    const { workspace, admin, agro } = await farm()
    const held = await give(admin, { deviceId: 'dev_agro', path: '/rules' })
    const foreign = await give(admin, { deviceId: 'dev_admin', path: '/rules' })
    const before = await stored(workspace)
    for (const deviceId of ['dev_admin', 'dev_agro'])
      await expect(give(agro, { deviceId })).rejects.toEqual(refused('FORBIDDEN', { reason: 'role' }))
    await expect(end(agro, foreign.grantId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await stored(workspace)).toEqual(before)
    expect(await end(agro, held.grantId)).toMatchObject({ alreadyRevoked: false })
    expect(await sends(agro)).toEqual(['grant'])
  })

  it('[GRA-12] for others takes the scope of administration', async () => {
    const { admin } = await farm()
    const ctx = await present(admin)
    const narrow = { ...ctx, actor: { ...ctx.actor, scopes: ['sync'] as const } }
    await expect(createGrant({ ctx: narrow, input: input({ deviceId: 'dev_agro' }) })).rejects.toEqual(
      refused('FORBIDDEN', { reason: 'scope' }),
    )
  })

  it('[GRA-12] is to a device of this workspace, whose role may edit playbooks, and not over already', async () => {
    const { workspace, admin, agro } = await farm()
    await workspace.device('dev_scout', 'scout')
    await (await services.workspace()).device('dev_elsewhere', 'agronomist')
    const cases: [Wanted, string][] = [
      [{ deviceId: 'dev_nobody' }, 'NOT_FOUND'],
      [{ deviceId: 'dev_elsewhere' }, 'NOT_FOUND'],
      [{ deviceId: 'dev_scout' }, 'CONFLICT'],
      [
        { deviceId: 'dev_agro', playbookId: CreateGrantInput.shape.playbookId.parse('pbk_none') },
        'NOT_FOUND',
      ],
      [{ deviceId: 'dev_agro', expiresAt: later(0) }, 'VALIDATION_ERROR'],
      [{ deviceId: 'dev_agro', notBefore: later(2), expiresAt: later(2) }, 'VALIDATION_ERROR'],
    ]
    const before = await stored(workspace)
    for (const [wanted, code] of cases) {
      await expect(give(admin, wanted), JSON.stringify(wanted)).rejects.toMatchObject({ code })
    }
    expect(await stored(workspace)).toEqual(before)
    await agro.revoke()
    await expect(give(admin, { deviceId: 'dev_agro' })).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('[GRA-12] stops at a number that every decision can read', async () => {
    const { workspace, admin } = await farm()
    await services.db.pool.query(
      `INSERT INTO playbook_grants (workspace_id, device_id, path, actions, granted_at)
         SELECT $1, 'dev_agro', '/rules', '{edit}', now() FROM generate_series(1, $2)`,
      [workspace.workspaceId, MAX_GRANTS - 1],
    )
    const last = await give(admin, { deviceId: 'dev_agro' })
    await expect(give(admin, { deviceId: 'dev_agro' })).rejects.toMatchObject({ code: 'CONFLICT' })
    await end(admin, last.grantId)
    await give(admin, { deviceId: 'dev_agro' })
  })

  it('[GRA-12] by the operator has no bound, and one key gives one grant', async () => {
    const { workspace, admin } = await farm()
    for (const { grantId } of await grants(admin)) await end(admin, grantId).catch(() => undefined)
    const ctx = await services.system(workspace.workspaceId)
    const made = await createGrant({
      ctx,
      input: input({ deviceId: 'dev_admin', path: '', actions: ['publish', 'edit'] }),
    })
    expect(made.document.toJSON()).toMatchObject({ grantedBy: null, actions: ['edit', 'publish'] })
    const asked = input({ deviceId: 'dev_agro' })
    const first = await createGrant({ ctx: await present(admin, 'one_key'), input: asked })
    const again = await createGrant({ ctx: await present(admin, 'one_key'), input: asked })
    expect(again).toEqual({ ...first, replayed: true })
    const other = { ctx: await present(admin, 'one_key'), input: { ...asked, path: '/rules' } }
    await expect(createGrant(other)).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
  })
})

it('[GRA-9, GRA-12] a person holds grants as a device does: with the role, and by gift', async () => {
  const { workspace, admin } = await farm()
  const { workspaceId } = workspace
  const personId = `usr_${randomUUID().replaceAll('-', '').slice(0, 26)}`
  const deviceId = `dev_web_${personId.slice(4)}`
  await services.db.pool.query(
    `INSERT INTO people (id, name, email, created_at, updated_at) VALUES ($1, 'Ana', $1 || '@example.com', now(), now())`,
    [personId],
  )
  await services.db.pool.query(
    `INSERT INTO devices (workspace_id, device_id, role, created_at, person_id) VALUES ($1, $2, 'agronomist', now(), $3)`,
    [workspaceId, deviceId, personId],
  )
  const made = await give(admin, { deviceId })
  const held = await grants(admin, { deviceId: made.deviceId, state: 'present' })
  expect(held.map(({ path, byRole }) => [path, byRole])).toEqual(
    expect.arrayContaining([
      ['', true],
      [WIND, false],
    ]),
  )
  await services.db.pool.query('UPDATE devices SET revoked_at = now() WHERE person_id = $1', [personId])
  await expect(give(admin, { deviceId })).rejects.toMatchObject({ code: 'CONFLICT' })
})

describe('ending', () => {
  it('[GRA-13, GRA-16, OPS-57] keeps what was granted, with who ended it, and both are in the audit', async () => {
    const { admin } = await farm()
    services.clock.advance(1)
    const made = await give(admin, { deviceId: 'dev_agro' })
    services.clock.advance(1)
    const ended = await end(admin, made.grantId)
    expect(ended).toEqual({
      grantId: made.grantId,
      revokedAt: services.clock.time.toISOString(),
      alreadyRevoked: false,
    })
    services.clock.advance(1)
    expect(await end(admin, made.grantId)).toEqual({ ...ended, alreadyRevoked: true })
    const [found] = await grants(admin, { deviceId: made.deviceId, state: 'ended' })
    expect(found).toEqual({ ...made, revokedAt: ended.revokedAt, revokedBy: 'dev_admin' })
    const page = await listAudit({ ctx: await present(admin), input: { limit: 2 } })
    expect(page.items.toJSON()).toMatchObject([
      {
        action: 'grant.revoke',
        target: { type: 'grant', id: made.grantId },
        holder: 'dev_agro',
        change: { paths: ['/revokedAt', '/revokedBy'] },
      },
      {
        action: 'grant.create',
        target: { type: 'grant', id: made.grantId },
        holder: 'dev_agro',
        change: { paths: [WIND] },
      },
    ])
    const ofHolder = await listAudit({ ctx: await present(admin), input: { recordId: 'dev_agro' } })
    expect(ofHolder.items.toJSON().map(({ action }) => action)).toEqual(
      expect.arrayContaining(['grant.revoke', 'grant.create']),
    )
  })

  it('[GRA-13] two admins at once end it once', async () => {
    const { workspace, admin } = await farm()
    const other = await workspace.device('dev_admin_2', 'admin')
    const { grantId } = await give(admin, { deviceId: 'dev_agro' })
    const both = await Promise.all([end(admin, grantId), end(other, grantId)])
    expect(both.filter(({ alreadyRevoked }) => alreadyRevoked)).toHaveLength(1)
    expect(new Set(both.map(({ revokedAt }) => revokedAt)).size).toBe(1)
  })
})

describe('reading', () => {
  it('[GRA-14, OPS-55] everybody’s for an admin, for others their own, newest first, page by page', async () => {
    const { admin, agro } = await farm()
    const made = []
    for (const path of ['/rules', WIND, '/rules/rule_pm_moderate']) {
      services.clock.advance(1)
      made.unshift(await give(admin, { deviceId: 'dev_agro', path }))
    }
    expect(await grants(agro, { state: 'present' })).toEqual(made)
    expect(await grants(agro, { deviceId: admin.actor.deviceId })).toEqual([])
    expect(await grants(admin, { deviceId: agro.actor.deviceId, state: 'present' })).toEqual(made)
    const holders = new Set((await grants(admin)).map(({ deviceId }) => deviceId))
    expect([...holders].toSorted()).toEqual(['dev_admin', 'dev_agro'])
    const pages: GrantRecord[] = []
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = { limit: 2, state: 'present', ...(cursor === undefined ? {} : { cursor }) } as const
      const { items, nextCursor } = await listGrants({ ctx: await present(agro), input: page })
      pages.push(...items.toJSON())
      cursor = nextCursor
    }
    expect(pages).toEqual(made)
    await expect(grants(agro, { cursor: 'k1' })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
  })

  it('[GRA-15] a session names the caller’s, those that are over or have not begun included', async () => {
    const { admin, agro } = await farm()
    await give(admin, { deviceId: 'dev_agro', notBefore: later(5), expiresAt: later(10) })
    const expected = {
      playbookId: null,
      path: WIND,
      actions: ['edit'],
      notBefore: later(5),
      expiresAt: later(10),
    }
    services.clock.advance(20)
    const session = await getSession({ ctx: await present(agro), input: {} })
    expect(session.grants).toEqual([expected])
  })
})
