import { DeviceId, DeviceRecord, WipedDevice } from '@fieldsync/contracts'
import { observation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { authenticate } from '../access/authenticate.ts'
import { listAudit } from '../audit/list.ts'
import { footprint } from '../testing/footprint.ts'
import { type TestDevice, type TestServices, testServices } from '../testing/test-workspace.ts'
import { acknowledgeWipe } from './acknowledge-wipe.ts'
import { listDevices } from './list.ts'
import { openEnrollment } from './open-enrollment.ts'
import { readmitDevice } from './readmit.ts'
import { reissueToken } from './reissue-token.ts'
import { revokeDevice } from './revoke.ts'
import { wipeDevice } from './wipe.ts'

const services = await testServices()
const another = services.anotherServer()
const COMMIT = 'fieldsync_commit_all'
const SCOUT = DeviceId.parse('dev_scout_1')

async function farm() {
  const workspace = await services.workspace()
  return {
    workspaceId: workspace.workspaceId,
    admin: await workspace.device('dev_admin', 'admin'),
    scout: await workspace.device('dev_scout_1'),
  }
}

/** A request with the context of a client that announces a contract version. */
const by = (
  token: string,
  options: { at?: TestServices; contract?: string | undefined; fromMemory?: boolean } = {},
) => {
  const { at = services, fromMemory = false } = options
  const contract = 'contract' in options ? options.contract : '1.7.0'
  const { admin } = at
  return authenticate({
    ctx: { ...admin, request: { ...admin.request, contract } },
    credentials: { deviceToken: token, bearer: undefined },
    fromMemory,
  })
}
const refused = (reason: string, action: string) => ({ code: 'AUTH_REQUIRED', details: { reason, action } })
const TO_WIPE = refused('wipe', 'wipe')
const REVOKED = refused('revoked', 're_enrol')

const wipe = async (admin: TestDevice, deviceId = SCOUT, key?: string) => {
  const { document, replayed } = await wipeDevice({ ctx: admin.ctx(key), input: { deviceId } })
  return { ...WipedDevice.parse(document.toJSON()), replayed }
}
const acknowledge = (deviceToken: string, unsentDeleted = 3, at: TestServices = services, deviceId = SCOUT) =>
  acknowledgeWipe({ ctx: at.admin, credential: { deviceToken }, input: { deviceId, unsentDeleted } })
const listed = async (admin: TestDevice, input: Parameters<typeof listDevices>[0]['input'] = {}) =>
  (await listDevices({ ctx: admin.ctx(), input })).items.toJSON().map((each) => DeviceRecord.parse(each))
const wipeOf = async (admin: TestDevice) =>
  (await listed(admin)).find(({ deviceId }) => deviceId === SCOUT)?.wipe
const actions = async (admin: TestDevice): Promise<string[]> => {
  const { items } = await listAudit({ ctx: admin.ctx(), input: {} })
  return items.toJSON().map(({ action, actor }) => `${action} by ${actor.deviceId ?? actor.kind}`)
}

describe('a device that is to be wiped', () => {
  it('[WIP-1][OPS-47][ACC-4] is refused on its next request at every server, also where it is remembered', async () => {
    const { admin, scout } = await farm()
    await by(scout.token, { fromMemory: true })
    await by(scout.token, { at: another, fromMemory: true })
    expect(await wipe(admin)).toEqual({
      deviceId: SCOUT,
      requestedAt: services.clock.time.toISOString(),
      alreadyRequested: false,
      replayed: false,
    })
    for (const at of [services, another]) {
      const remembered = scout.at(at).as(await by(scout.token, { at, fromMemory: true }))
      await expect(remembered.push({ observations: [observation()] })).rejects.toMatchObject(TO_WIPE)
      await expect(remembered.pull()).rejects.toMatchObject(TO_WIPE)
      await expect(by(scout.token, { at })).rejects.toMatchObject(TO_WIPE)
    }
  })

  it('[WIP-1][BAT-1] loses a batch that is under way when the wipe is requested: all of it or nothing', async () => {
    const { admin, scout, workspaceId } = await farm()
    let before: unknown
    const writer = scout.interrupted(async (statement) => {
      if (statement !== COMMIT || before !== undefined) return
      before = 'requested'
      await wipe(admin)
      before = await footprint(services, workspaceId)
    })
    const actor = await by(scout.token, { fromMemory: true })
    const confirm = (): ReturnType<typeof by> => by(scout.token)
    await expect(
      writer.as({ ...actor, confirm }).push({ observations: [observation()] }),
    ).rejects.toMatchObject(TO_WIPE)
    expect(await footprint(services, workspaceId)).toEqual(before)
  })

  it.each(['1.6.0', '1.3.0', undefined])(
    '[WIP-2] gets `revoked` where its build is of contract %s, so that it keeps its queue',
    async (contract) => {
      const { admin, scout } = await farm()
      await wipe(admin)
      await expect(by(scout.token, { contract })).rejects.toMatchObject(REVOKED)
      await expect(by(scout.token, { contract: '2.0.0' })).rejects.toMatchObject(TO_WIPE)
    },
  )

  it('[WIP-1][OPS-47] may have been revoked before; a second wipe, and a revocation, change nothing', async () => {
    const { admin, scout, workspaceId } = await farm()
    await scout.revoke()
    await expect(by(scout.token)).rejects.toMatchObject(REVOKED)
    const first = await wipe(admin, SCOUT, 'wipe')
    await expect(by(scout.token)).rejects.toMatchObject(TO_WIPE)
    services.clock.advance(60_000)
    const before = await footprint(services, workspaceId)
    expect(await wipe(admin)).toEqual({ ...first, alreadyRequested: true })
    await revokeDevice({ ctx: admin.ctx(), input: { deviceId: SCOUT } })
    expect(await footprint(services, workspaceId)).toEqual(before)
    await expect(by(scout.token)).rejects.toMatchObject(TO_WIPE)
    expect(await wipe(admin, SCOUT, 'wipe')).toEqual({ ...first, replayed: true })
  })

  it('[WIP-1][OPS-47] is one of the workspace, and the caller an admin; a code that it was given ends', async () => {
    const { admin, scout } = await farm()
    const unknown = DeviceId.parse('dev_none')
    await expect(wipe(admin, unknown)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(wipe(scout)).rejects.toMatchObject({ code: 'FORBIDDEN', details: { reason: 'role' } })
    const input = { deviceId: SCOUT, linkTo: (code: string) => code }
    await openEnrollment({ ctx: admin.ctx(), input })
    await wipe(admin)
    const { rows } = await services.owner.pool.query(
      'SELECT FROM enrollments WHERE workspace_id = $1 AND ended_at IS NULL',
      [admin.actor.workspaceId],
    )
    expect(rows).toEqual([])
  })

  it('[WIP-1] lets an admin wipe the device that it calls with', async () => {
    const { admin } = await farm()
    await wipe(admin, admin.actor.deviceId)
    await expect(by(admin.token)).rejects.toMatchObject(TO_WIPE)
  })
})

describe('the acknowledgement of a wipe', () => {
  it('[WIP-4][WIP-5][OPS-48] ends the credential for good; repeated, it is answered as the first time, at every server', async () => {
    const { admin, scout } = await farm()
    await wipe(admin)
    services.clock.advance(60_000)
    const answer = await acknowledge(scout.token)
    expect(answer).toEqual({
      deviceId: SCOUT,
      acknowledgedAt: services.clock.time.toISOString(),
      unsentDeleted: 3,
    })
    services.clock.advance(60_000)
    expect(await acknowledge(scout.token, 7, another)).toEqual(answer)
    for (const at of [services, another]) await expect(by(scout.token, { at })).rejects.toMatchObject(REVOKED)
    expect((await actions(admin)).slice(0, 2)).toEqual([
      'device.acknowledge_wipe by dev_scout_1',
      'device.wipe by dev_admin',
    ])
  })

  it('[WIP-5] takes effect once, of several at once at two servers', async () => {
    const { admin, scout } = await farm()
    await wipe(admin)
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, i) => acknowledge(scout.token, i, i % 2 === 0 ? services : another)),
    )
    expect(new Set(all.map((each) => JSON.stringify(each))).size).toBe(1)
    const audited = (await actions(admin)).filter((each) => each.startsWith('device.acknowledge_wipe'))
    expect(audited).toHaveLength(1)
  })

  it('[WIP-4][GUA-7] is nobody else’s, and for nothing else', async () => {
    const { admin, scout, workspaceId } = await farm()
    const foreign = await farm()
    await expect(acknowledge(scout.token)).rejects.toMatchObject({ code: 'CONFLICT' })
    await wipe(admin)
    const before = await footprint(services, workspaceId)
    for (const token of [admin.token, 'unknown', ''])
      await expect(acknowledge(token)).rejects.toMatchObject(refused('invalid', 'authenticate'))
    await expect(acknowledge(foreign.scout.token)).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await footprint(services, workspaceId)).toEqual(before)
    expect(await wipeOf(admin)).toMatchObject({ acknowledgedAt: null, unsentDeleted: null })
  })

  it('[WIP-4] is refused by a token that has ended otherwise', async () => {
    const { admin, scout } = await farm()
    const input = { deviceId: SCOUT, endPrevious: 'now' } as const
    const { document } = await reissueToken({ ctx: admin.ctx(), input })
    await wipe(admin)
    await expect(acknowledge(scout.token)).rejects.toMatchObject(REVOKED)
    await expect(by(scout.token)).rejects.toMatchObject(REVOKED)
    const token = document.toJSON().token ?? ''
    await expect(by(token)).rejects.toMatchObject(TO_WIPE)
    expect(await acknowledge(token)).toMatchObject({ unsentDeleted: 3 })
  })
})

describe('a wipe that is called off', () => {
  it('[WIP-6][OPS-36] is one that was not acknowledged, and on request alone', async () => {
    const { admin, scout } = await farm()
    await wipe(admin)
    const readmit = (input: object = {}) =>
      readmitDevice({ ctx: admin.ctx(), input: { deviceId: SCOUT, ...input } })
    await expect(readmit()).rejects.toMatchObject({ code: 'CONFLICT', details: { reason: 'wipe_pending' } })
    await expect(by(scout.token)).rejects.toMatchObject(TO_WIPE)
    const { document } = await readmit({ cancelWipe: true })
    expect(await by(document.toJSON().token ?? '')).toMatchObject({ deviceId: SCOUT })
    const { items } = await listAudit({ ctx: admin.ctx(), input: { limit: 1 } })
    expect(items.toJSON()).toMatchObject([{ action: 'device.readmit', change: { paths: ['/wipe'] } }])
    expect(await wipeOf(admin)).toBeNull()
    await expect(by(scout.token)).rejects.toMatchObject(REVOKED)
    await expect(acknowledge(scout.token)).rejects.toMatchObject(REVOKED)
  })

  it('[WIP-6][ENR-1] needs to be called off for an enrollment too; one that was acknowledged does not', async () => {
    const { admin, scout } = await farm()
    await wipe(admin)
    const open = (cancelWipe?: boolean) =>
      openEnrollment({
        ctx: admin.ctx(),
        input: { deviceId: SCOUT, linkTo: (code) => code, ...(cancelWipe ? { cancelWipe } : {}) },
      })
    await expect(open()).rejects.toMatchObject({ code: 'CONFLICT', details: { reason: 'wipe_pending' } })
    await open(true)
    // Until the code is used the device is to be wiped.
    await expect(by(scout.token)).rejects.toMatchObject(TO_WIPE)
    await acknowledge(scout.token)
    await open()
    await readmitDevice({ ctx: admin.ctx(), input: { deviceId: SCOUT } })
    expect(await wipeOf(admin)).toBeNull()
  })
})

describe('the list of devices', () => {
  it('[OPS-49][WIP-3] shows a wipe with its times and what was deleted, and filters by it', async () => {
    const { admin, scout } = await farm()
    const ids = async (filter: 'pending' | 'acknowledged') =>
      (await listed(admin, { wipe: filter })).map(({ deviceId }) => deviceId)
    expect(await wipeOf(admin)).toBeNull()
    const requestedAt = services.clock.time.toISOString()
    await wipe(admin)
    expect(await wipeOf(admin)).toEqual({ requestedAt, acknowledgedAt: null, unsentDeleted: null })
    expect([await ids('pending'), await ids('acknowledged')]).toEqual([[SCOUT], []])
    services.clock.advance(60_000)
    await acknowledge(scout.token, 5)
    const acknowledgedAt = services.clock.time.toISOString()
    expect(await wipeOf(admin)).toEqual({ requestedAt, acknowledgedAt, unsentDeleted: 5 })
    expect([await ids('pending'), await ids('acknowledged')]).toEqual([[], [SCOUT]])
    expect((await listed(admin, { state: 'revoked' })).map(({ deviceId }) => deviceId)).toEqual([SCOUT])
  })
})
