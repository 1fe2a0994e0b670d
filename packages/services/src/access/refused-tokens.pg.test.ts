import { type DeviceTokens, DeviceId, SyncBatchRequest } from '@fieldsync/contracts'
import { observation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'

import { createDevice } from '../devices/create.ts'
import { ensureConfiguredDevices } from '../devices/ensure-configured.ts'
import { readmitDevice } from '../devices/readmit.ts'
import { reissueToken } from '../devices/reissue-token.ts'
import { startLive } from '../live/start-live.ts'
import { applyBatch } from '../sync/apply-batch.ts'
import { holdWrites } from '../testing/gate.ts'
import { liveReader } from '../testing/live-reader.ts'
import {
  type TestDevice,
  type TestServices,
  testServices,
  type TestWorkspace,
} from '../testing/test-workspace.ts'
import { changeSettings } from '../workspaces/change-settings.ts'
import { getSettings } from '../workspaces/get-settings.ts'
import { authenticate } from './authenticate.ts'
import { mintToken } from './device-token.ts'

const services = await testServices()
const another = services.anotherServer()
const HERE_AND_THERE = [services, another] as const
const SCOUT = DeviceId.parse('dev_scout_1')

const tokenRefused = { code: 'AUTH_REQUIRED', details: { reason: 'token_refused', action: 're_enrol' } }
const tokensRefused = { code: 'CONFLICT', details: { reason: 'tokens_refused' } }

async function farm() {
  const workspace = await services.workspace()
  const { workspaceId } = workspace
  await workspace.device('dev_admin', 'admin')
  await services.owner.pool.query(
    `INSERT INTO device_keys (workspace_id, device_id, thumbprint, public_jwk, created_at, confirmed_at, first_used_at)
       VALUES ($1, 'dev_admin', 'k', '{}', now(), now(), now())`,
    [workspaceId],
  )
  return { workspace, scout: await workspace.device(SCOUT) }
}

/** The operator sets what becomes of tokens. */
async function set({ workspaceId }: TestWorkspace, deviceTokens: DeviceTokens): Promise<void> {
  const ctx = await services.system(workspaceId)
  const { version } = await getSettings({ ctx, input: {} })
  await changeSettings({ ctx, input: { baseVersion: version, deviceTokens } })
}

const by = (token: string, at: TestServices = services, fromMemory = false) =>
  authenticate({ ctx: at.admin, credentials: { deviceToken: token, bearer: undefined }, fromMemory })

/** Sends as a server does for a caller that it may remember. */
async function send(device: TestDevice, at: TestServices, records = [observation()]) {
  const caller = device.at(at).as(await by(device.token, at, true))
  const batch = syncBatch({ observations: records })
  const input = SyncBatchRequest.parse({ ...batch, device: { ...batch.device, deviceId: SCOUT } })
  return (await applyBatch({ ctx: caller.ctx(batch.syncId), input })).document.toJSON()
}

const inMs = (ms: number): string => new Date(services.clock.now().getTime() + ms).toISOString()

describe('a pre-shared token', () => {
  it.each([
    ['push', () => [observation()]],
    ['pull', () => []],
  ])(
    '[ACC-25] is refused at every server on the next %s once the workspace refuses tokens, also of a remembered caller',
    async (_, records) => {
      const { workspace, scout } = await farm()
      for (const at of HERE_AND_THERE) await send(scout, at)
      await set(workspace, { mode: 'refused' })
      for (const at of HERE_AND_THERE) {
        await expect(send(scout, at, records())).rejects.toMatchObject(tokenRefused)
        await expect(by(scout.token, at)).rejects.toMatchObject(tokenRefused)
        const both = { deviceToken: scout.token, bearer: scout.token }
        await expect(authenticate({ ctx: at.admin, credentials: both })).rejects.toMatchObject(tokenRefused)
      }
    },
  )

  it('[ACC-25, ACC-26] is refused from a moment on, by the server’s clock alone', async () => {
    const { workspace, scout } = await farm()
    for (const at of HERE_AND_THERE) await send(scout, at)
    const before = services.clock.time
    onTestFinished(() => void (services.clock.time = before))
    await set(workspace, { mode: 'until', until: inMs(60_000) })
    services.clock.advance(59_999)
    for (const at of HERE_AND_THERE) await send(scout, at)
    services.clock.advance(1)
    for (const at of HERE_AND_THERE) {
      await expect(send(scout, at)).rejects.toMatchObject(tokenRefused)
      await expect(by(scout.token, at)).rejects.toMatchObject(tokenRefused)
    }
    await expect(workspace.device('dev_late')).rejects.toMatchObject(tokensRefused)
  })

  it('[ACC-25] is refused earlier where the moment is moved, also of a remembered caller', async () => {
    const { workspace, scout } = await farm()
    const before = services.clock.time
    onTestFinished(() => void (services.clock.time = before))
    await set(workspace, { mode: 'until', until: inMs(3_600_000) })
    for (const at of HERE_AND_THERE) await send(scout, at)
    await set(workspace, { mode: 'until', until: inMs(1000) })
    services.clock.advance(1000)
    for (const at of HERE_AND_THERE) await expect(send(scout, at)).rejects.toMatchObject(tokenRefused)
  })

  it('[ACC-25] does not complete a write that is under way when the setting changes', async () => {
    const { workspace, scout } = await farm()
    const { workspaceId } = workspace
    await send(scout, another)
    const gate = await holdWrites(services, workspaceId)
    const refusing = set(workspace, { mode: 'refused' })
    await gate.waiting(1)
    const late = observation()
    const writing = send(scout, another, [late]).catch((error: unknown) => error)
    await gate.waiting(2)
    await gate.open()
    await refusing
    expect(await writing).toMatchObject(tokenRefused)
    const { rowCount } = await services.owner.pool.query(
      'SELECT FROM observations WHERE workspace_id = $1 AND observation_id = $2',
      [workspaceId, late.observationId],
    )
    expect(rowCount).toBe(0)
  })

  it('[ACC-25] works again where the workspace accepts tokens again, unless it ended in the meantime', async () => {
    const { workspace, scout } = await farm()
    const other = await workspace.device('dev_other')
    await set(workspace, { mode: 'refused' })
    await other.revoke()
    await expect(by(other.token)).rejects.toMatchObject({ details: { reason: 'revoked' } })
    await set(workspace, { mode: 'allowed' })
    for (const at of HERE_AND_THERE) await send(scout, at)
    await expect(by(other.token)).rejects.toMatchObject({ details: { reason: 'revoked' } })
  })

  it('[ACC-25][GUA-7] of another workspace is not refused', async () => {
    const [ours, theirs] = [await farm(), await farm()]
    await set(ours.workspace, { mode: 'refused' })
    await expect(send(ours.scout, services)).rejects.toMatchObject(tokenRefused)
    await send(theirs.scout, services)
  })

  it('[ACC-25][ACC-12] that was reissued and is first used then ends nothing', async () => {
    const { workspace, scout } = await farm()
    const ctx = await services.system(workspace.workspaceId)
    const token = mintToken()
    await reissueToken({ ctx, input: { deviceId: SCOUT, token } })
    await set(workspace, { mode: 'refused' })
    await expect(by(token)).rejects.toMatchObject(tokenRefused)
    await set(workspace, { mode: 'allowed' })
    expect(await by(scout.token)).toMatchObject({ deviceId: SCOUT })
  })
})

describe('while a workspace refuses tokens', () => {
  it('[ACC-26] none is added: not by creating, reissuing or readmitting, and nothing else of these happens', async () => {
    const { workspace } = await farm()
    await (await workspace.device('dev_revoked')).revoke()
    await set(workspace, { mode: 'refused' })
    const ctx = await services.system(workspace.workspaceId)
    const tables = async () =>
      await Promise.all(
        ['devices', 'device_tokens', 'device_keys', 'audit_entries'].map(
          async (table) =>
            (
              await services.owner.pool.query(`SELECT * FROM ${table} WHERE workspace_id = $1`, [
                workspace.workspaceId,
              ])
            ).rows,
        ),
      )
    const before = await tables()
    const revoked = DeviceId.parse('dev_revoked')
    const added = [
      createDevice({ ctx, input: { deviceId: DeviceId.parse('dev_new'), role: 'scout' } }),
      reissueToken({ ctx, input: { deviceId: SCOUT, endPrevious: 'now' } }),
      readmitDevice({ ctx, input: { deviceId: revoked } }),
    ]
    for (const outcome of await Promise.allSettled(added))
      expect(outcome).toMatchObject({ status: 'rejected', reason: tokensRefused })
    expect(await tables()).toEqual(before)
  })

  it('[ACC-26] what the environment names adds none, and its tokens are refused', async () => {
    const { workspace, scout } = await farm()
    await set(workspace, { mode: 'refused' })
    const { workspaceId } = workspace
    const configured = [
      { workspaceId, deviceId: SCOUT, role: 'scout', token: scout.token } as const,
      { workspaceId, deviceId: SCOUT, role: 'scout', token: mintToken() } as const,
      { workspaceId, deviceId: DeviceId.parse('dev_new'), role: 'admin', token: mintToken() } as const,
    ]
    const outcomes = await ensureConfiguredDevices({ ctx: services.admin, input: configured })
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(configured.map(() => 'tokens_refused'))
    await expect(by(scout.token)).rejects.toMatchObject(tokenRefused)
    for (const { token } of configured.slice(1))
      await expect(by(token)).rejects.toMatchObject({ details: { reason: 'invalid' } })
  })
})

describe('open streams', () => {
  const live = async (at: TestServices) => {
    const hearing = Promise.withResolvers<void>()
    const started = startLive(at.runtime, {
      url: at.urls.appUrl,
      limits: { perDevice: 5, perServer: 100 },
      onHearing: hearing.resolve,
      onDeaf: () => undefined,
      reviewEveryMs: 20,
      clock: services.clock,
    })
    onTestFinished(async () => await started[Symbol.asyncDispose]())
    await hearing.promise
  }

  it('[ACC-27][LIV-5] of callers with a token end at every server, those of callers with a key go on', async () => {
    await Promise.all(HERE_AND_THERE.map(live))
    const { workspace, scout } = await farm()
    const keyed = await workspace.device('dev_keyed')
    const proven = { thumbprint: 'k', jti: 'j', bodySha256: undefined }
    await services.owner.pool.query('UPDATE device_tokens SET revoked_at = now() WHERE device_id = $1', [
      'dev_keyed',
    ])
    const readers = await Promise.all(HERE_AND_THERE.map((at) => liveReader(scout.at(at))))
    const staying = await liveReader(keyed.as({ ...keyed.actor, scopes: ['sync'], proven }))
    await set(workspace, { mode: 'refused' })
    for (const reader of readers) await expect(reader.poked()).rejects.toMatchObject(tokenRefused)
    expect(await staying.hasPoke()).toBe(false)
  })

  it('[ACC-27] end when the moment has passed', async () => {
    await live(services)
    const { workspace } = await farm()
    const before = services.clock.time
    onTestFinished(() => void (services.clock.time = before))
    await set(workspace, { mode: 'until', until: inMs(60_000) })
    const scout = await workspace.device('dev_scout_2')
    const reader = await liveReader(scout)
    expect(await reader.hasPoke()).toBe(false)
    services.clock.advance(60_000)
    await expect(reader.poked()).rejects.toMatchObject(tokenRefused)
  })
})
