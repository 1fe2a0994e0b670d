import {
  DeviceId,
  DeviceRoleChange,
  ReadmittedDevice,
  ReissuedToken,
  type ReadmitDeviceInput,
  type ReissueTokenInput,
  type SetDeviceRoleInput,
} from '@fieldsync/contracts'
import { observation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { authenticate } from '../access/authenticate.ts'
import { mintToken } from '../access/device-token.ts'
import { listAudit } from '../audit/list.ts'
import { verifyAudit } from '../audit/verify.ts'
import { footprint } from '../testing/footprint.ts'
import { type TestDevice, type TestServices, testServices } from '../testing/test-workspace.ts'
import { ensureConfiguredDevices } from './ensure-configured.ts'
import { openEnrollment } from './open-enrollment.ts'
import { readmitDevice } from './readmit.ts'
import { reissueToken } from './reissue-token.ts'
import { revokeDevice } from './revoke.ts'
import { setDeviceRole } from './set-role.ts'

const services = await testServices()
const another = services.anotherServer()
const SCOUT = DeviceId.parse('dev_scout_1')

async function farm() {
  const workspace = await services.workspace()
  return {
    workspaceId: workspace.workspaceId,
    admin: await workspace.device('dev_admin', 'admin'),
    scout: await workspace.device('dev_scout_1'),
  }
}

const by = (token: string | null, at: TestServices = services, fromMemory = false) =>
  authenticate({ ctx: at.admin, credentials: { deviceToken: token ?? '', bearer: undefined }, fromMemory })
const refused = (reason: string) => ({ code: 'AUTH_REQUIRED', details: { reason } })

const setRole = async (admin: TestDevice, role: SetDeviceRoleInput['role'], deviceId = SCOUT) => {
  const { document } = await setDeviceRole({ ctx: admin.ctx(), input: { deviceId, role } })
  return DeviceRoleChange.parse(document.toJSON())
}
const reissue = async (admin: TestDevice, input: Partial<ReissueTokenInput> = {}, key?: string) => {
  const { document, replayed } = await reissueToken({
    ctx: admin.ctx(key),
    input: { deviceId: SCOUT, ...input },
  })
  return { ...ReissuedToken.parse(document.toJSON()), replayed }
}
const readmit = async (admin: TestDevice, input: Partial<ReadmitDeviceInput> = {}, key?: string) => {
  const { document, replayed } = await readmitDevice({
    ctx: admin.ctx(key),
    input: { deviceId: SCOUT, ...input },
  })
  return { ...ReadmittedDevice.parse(document.toJSON()), replayed }
}
const actions = async (admin: TestDevice): Promise<string[]> => {
  const { items } = await listAudit({ ctx: admin.ctx(), input: {} })
  return items.toJSON().map(({ action, actor }) => `${action} by ${actor.deviceId ?? actor.kind}`)
}

describe('a change of role', () => {
  it('[OPS-34][ACC-4] takes effect on the next request, at every server', async () => {
    const { admin, scout } = await farm()
    await by(scout.token, services, true)
    await by(scout.token, another, true)
    expect(await setRole(admin, 'viewer')).toEqual({
      deviceId: SCOUT,
      role: 'viewer',
      previousRole: 'scout',
      changed: true,
    })
    for (const at of [services, another]) {
      expect(await by(scout.token, at)).toMatchObject({ role: 'viewer' })
      // The caller that is remembered is a scout still; its write is decided by what it may do now.
      const remembered = await by(scout.token, at, true)
      await expect(
        scout
          .at(at)
          .as(remembered)
          .push({ observations: [observation()] }),
      ).rejects.toMatchObject({ code: 'FORBIDDEN' })
    }
  })

  it('[OPS-34][AUD-4] is audited with the role before and after; a role that is there already changes nothing', async () => {
    const { admin, workspaceId } = await farm()
    await setRole(admin, 'agronomist')
    const { items } = await listAudit({ ctx: admin.ctx(), input: { limit: 1 } })
    expect(items.toJSON()).toMatchObject([
      {
        action: 'device.set_role',
        actor: { deviceId: 'dev_admin' },
        target: { type: 'device', id: SCOUT },
        change: { kind: 'update', paths: ['/role'] },
      },
    ])
    const before = await footprint(services, workspaceId)
    expect(await setRole(admin, 'agronomist')).toMatchObject({ previousRole: 'agronomist', changed: false })
    expect(await footprint(services, workspaceId)).toEqual(before)
  })

  it('[OPS-34] of an unknown device is NOT_FOUND, of a revoked one a CONFLICT, without effect', async () => {
    const { admin, scout, workspaceId } = await farm()
    await scout.revoke()
    const before = await footprint(services, workspaceId)
    await expect(setRole(admin, 'viewer')).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(setRole(admin, 'viewer', DeviceId.parse('dev_none'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await expect(setRole(scout, 'admin')).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await footprint(services, workspaceId)).toEqual(before)
  })

  it('[OPS-34] of an admin by itself is its last', async () => {
    const { admin } = await farm()
    await setRole(admin, 'scout', DeviceId.parse('dev_admin'))
    expect(await by(admin.token)).toMatchObject({ role: 'scout' })
  })
})

describe('a reissued token', () => {
  it('[OPS-35][ACC-12] leaves the earlier one until its own first use, and then ends it at every server', async () => {
    const { admin, scout } = await farm()
    const made = await reissue(admin)
    expect(made).toMatchObject({ previousTokens: 'until_first_use', replayed: false })
    await by(scout.token, another, true)
    expect(await by(scout.token)).toMatchObject({ deviceId: SCOUT })
    expect(await by(made.token)).toMatchObject({ deviceId: SCOUT, role: 'scout' })
    for (const at of [services, another]) {
      await expect(by(scout.token, at)).rejects.toMatchObject(refused('revoked'))
      expect(await by(made.token, at)).toMatchObject({ deviceId: SCOUT })
    }
    expect((await actions(admin)).slice(0, 2)).toEqual([
      'device.start_token by dev_scout_1',
      'device.reissue_token by dev_admin',
    ])
    expect(
      await verifyAudit({ ctx: await services.system(scout.actor.workspaceId), input: {} }),
    ).toMatchObject({ ok: true })
  })

  it('[ACC-12] used for the first time by many requests at once starts once', async () => {
    const { admin, scout } = await farm()
    const { token } = await reissue(admin)
    const callers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => by(token, at % 2 === 0 ? services : another)),
    )
    expect(new Set(callers.map(({ deviceId }) => deviceId))).toEqual(new Set([SCOUT]))
    const { epoch } = await by(token)
    expect(callers.map((each) => each.epoch)).toEqual(callers.map(() => epoch))
    expect((await actions(admin)).filter((each) => each.startsWith('device.start_token'))).toHaveLength(1)
    await expect(by(scout.token)).rejects.toMatchObject(refused('revoked'))
  })

  it('[OPS-35] ends the earlier ones at once where the admin says so', async () => {
    const { admin, scout } = await farm()
    const { token, previousTokens } = await reissue(admin, { endPrevious: 'now' })
    expect(previousTokens).toBe('ended')
    await expect(by(scout.token)).rejects.toMatchObject(refused('revoked'))
    expect(await by(token)).toMatchObject({ deviceId: SCOUT })
  })

  it('[OPS-35] that was never used ends with the next one; the one in use stays', async () => {
    const { admin, scout } = await farm()
    const [lost, next] = [await reissue(admin), await reissue(admin)]
    await expect(by(lost.token)).rejects.toMatchObject(refused('revoked'))
    expect(await by(scout.token)).toMatchObject({ deviceId: SCOUT })
    expect(await by(next.token)).toMatchObject({ deviceId: SCOUT })
    await expect(by(scout.token)).rejects.toMatchObject(refused('revoked'))
  })

  it('[OPS-35][IDM-2][ACC-3] is in the first answer only, and is stored nowhere', async () => {
    const { admin, workspaceId } = await farm()
    const { token } = await reissue(admin, {}, 'a-key')
    const before = await footprint(services, workspaceId)
    expect(await reissue(admin, {}, 'a-key')).toMatchObject({ token: null, replayed: true })
    expect(await footprint(services, workspaceId)).toEqual(before)
    const { rows } = await services.owner.pool.query<{ text: string }>(
      `SELECT e::text AS text FROM sync_events e UNION ALL SELECT a::text FROM audit_entries a
       UNION ALL SELECT t::text FROM device_tokens t`,
    )
    for (const { text } of rows) expect(text).not.toContain(token)
  })

  it('[OPS-35] of an unknown or revoked device is refused, without effect', async () => {
    const { admin, scout, workspaceId } = await farm()
    await scout.revoke()
    const before = await footprint(services, workspaceId)
    await expect(reissue(admin)).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(reissue(admin, { deviceId: DeviceId.parse('dev_none') })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(await footprint(services, workspaceId)).toEqual(before)
  })
})

describe('a readmitted device', () => {
  it('[OPS-36] calls again under its own id with a new token, and its records are there', async () => {
    const { admin, scout } = await farm()
    const seen = observation()
    await scout.push({ observations: [seen] })
    await scout.revoke()
    await expect(by(scout.token)).rejects.toMatchObject(refused('revoked'))
    const { token, role } = await readmit(admin)
    expect(role).toBe('scout')
    for (const at of [services, another]) {
      expect(await by(token, at)).toMatchObject({ deviceId: SCOUT, role: 'scout' })
    }
    const device = scout.as(await by(token))
    const next = observation()
    await device.push({ observations: [next] })
    const pulled = (await device.pullAll()).flatMap(({ downstream }) => downstream.observations)
    expect(pulled.map(({ observationId }) => observationId).toSorted()).toEqual(
      [seen.observationId, next.observationId].toSorted(),
    )
  })

  it('[OPS-36] may have another role from then on', async () => {
    const { admin, scout } = await farm()
    await scout.revoke()
    const { token } = await readmit(admin, { role: 'viewer' })
    expect(await by(token)).toMatchObject({ role: 'viewer' })
  })

  it('[OPS-36][RUN-4] does not get its earlier tokens back, whatever the configuration names', async () => {
    const { admin, scout, workspaceId } = await farm()
    await scout.revoke()
    await readmit(admin)
    await expect(by(scout.token)).rejects.toMatchObject(refused('revoked'))
    const configured = { workspaceId, deviceId: SCOUT, role: 'scout' as const, token: scout.token }
    expect(await ensureConfiguredDevices({ ctx: services.admin, input: [configured] })).toMatchObject([
      { outcome: 'token_ended' },
    ])
    await expect(by(scout.token)).rejects.toMatchObject(refused('revoked'))
  })

  it('[OPS-36][IDM-2] has its token in the first answer only; one that is not revoked is a CONFLICT', async () => {
    const { admin, scout, workspaceId } = await farm()
    await expect(readmit(admin)).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(readmit(admin, { deviceId: DeviceId.parse('dev_none') })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await scout.revoke()
    const first = await readmit(admin, {}, 'a-key')
    const before = await footprint(services, workspaceId)
    expect(await readmit(admin, {}, 'a-key')).toEqual({ ...first, token: null, replayed: true })
    expect(await footprint(services, workspaceId)).toEqual(before)
    expect((await actions(admin))[0]).toBe('device.readmit by dev_admin')
  })

  it('[OPS-36] that brings a token of another device is refused and stays revoked', async () => {
    const { admin, scout } = await farm()
    await scout.revoke()
    const theirs = await (await services.workspace()).device('dev_other')
    await expect(
      readmitDevice({ ctx: admin.ctx(), input: { deviceId: SCOUT, token: theirs.token } }),
    ).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(by(mintToken())).rejects.toMatchObject(refused('invalid'))
    await expect(by(scout.token)).rejects.toMatchObject(refused('revoked'))
    expect(await by(theirs.token)).toMatchObject({ deviceId: 'dev_other' })
  })
})

it('[ACC-5][IDS-3] no change of a device reaches its namesake in another workspace', async () => {
  const [ours, theirs] = [await farm(), await farm()]
  const { pool } = services.owner
  const rowsOf = async (workspaceId: string): Promise<unknown> => {
    const tables = ['devices', 'device_tokens', 'device_keys', 'enrollments']
    const rows = tables.map((table) =>
      pool.query(`SELECT * FROM ${table} WHERE workspace_id = $1`, [workspaceId]),
    )
    return (await Promise.all(rows)).map((result) => result.rows)
  }
  await pool.query(
    `INSERT INTO device_keys (workspace_id, device_id, thumbprint, public_jwk, created_at) VALUES ($1, $2, 'k', '{}', now())`,
    [theirs.workspaceId, SCOUT],
  )
  const input = { deviceId: SCOUT, linkTo: (code: string) => code }
  await openEnrollment({ ctx: theirs.admin.ctx('open'), input })
  const before = await rowsOf(theirs.workspaceId)
  await setRole(ours.admin, 'agronomist')
  await reissue(ours.admin, {}, 'first')
  await reissue(ours.admin, { endPrevious: 'now' }, 'second')
  await openEnrollment({ ctx: ours.admin.ctx('open'), input })
  await revokeDevice({ ctx: ours.admin.ctx('revoke'), input: { deviceId: SCOUT } })
  await readmit(ours.admin, {}, 'readmit')
  expect(await rowsOf(theirs.workspaceId)).toEqual(before)
  expect(await by(theirs.scout.token)).toMatchObject({ workspaceId: theirs.workspaceId, role: 'scout' })
})
