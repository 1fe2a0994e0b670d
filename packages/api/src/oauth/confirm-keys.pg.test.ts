import { randomUUID } from 'node:crypto'

import { DeviceKey } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { NOW, realApi } from '../testing/real-api.ts'
import { overRest } from '../testing/transports.ts'

const api = await realApi()
const SESSION = `${api.url}/v1/session`
const UPGRADE = `${api.url}/v1/devices:upgrade`
const ok = { status: 200 }
const waiting = { status: 401, reason: 'unconfirmed', action: 'wait' }

async function outcome(answer: Response): Promise<Record<string, unknown>> {
  const body = (await answer.json()) as { error?: { details?: object } }
  return { status: answer.status, ...body, ...body.error?.details }
}

/** A workspace that confirms keys; its admin has a token. */
async function farm() {
  const workspaceId = await api.workspace()
  const admin = await api.device(workspaceId, 'dev_admin', 'admin')
  const call = async (
    operation: 'workspace.changeSettings' | 'devices.confirmKey' | 'devices.list',
    input: object,
  ) => {
    const answered = await overRest(api.url, {
      operation,
      token: admin,
      input: { ...input },
      key: randomUUID(),
    })
    if (!answered.ok) throw new Error(JSON.stringify(answered))
    return answered.answer
  }
  await call('workspace.changeSettings', { baseVersion: 0, confirmKeys: true })
  return {
    workspaceId,
    admin,
    settings: (input: object) => call('workspace.changeSettings', input),
    confirm: (deviceId: string, key: DeviceKey) =>
      call('devices.confirmKey', { deviceId, keyFingerprint: key.thumbprint }),
    listed: (credential?: string) => call('devices.list', credential === undefined ? {} : { credential }),
    enroll: async (deviceId: string, key: DeviceKey) =>
      await outcome(await key.enroll(api.url, await api.enrollmentCode(workspaceId, deviceId))),
    token: async (deviceId: string, key: DeviceKey) =>
      await outcome(await key.token(api.url, `${workspaceId}/${deviceId}`, { at: NOW })),
  }
}

const session = async (token: string) =>
  await outcome(await fetch(SESSION, { headers: { 'x-device-token': token } }))

const upgrade = async (key: DeviceKey, token: string, idempotencyKey = 'upgrade') => {
  if (key.nonce === undefined) await key.send(UPGRADE, { body: '{}', headers: { 'x-device-token': token } })
  return await outcome(
    await key.send(UPGRADE, {
      body: JSON.stringify({ publicKeyJwk: key.publicJwk }),
      headers: { 'x-device-token': token, 'idempotency-key': idempotencyKey },
    }),
  )
}

describe('a workspace that confirms keys', () => {
  it('[ENR-6][OPS-44] lets a new device wait until an admin has confirmed its key', async () => {
    const { workspaceId, confirm, listed, token } = await farm()
    const key = await DeviceKey.generate()
    const code = await api.enrollmentCode(workspaceId, 'dev_new')
    const enrolled = async () => await outcome(await key.enroll(api.url, code))
    expect(await enrolled()).toMatchObject({ ...ok, confirmed: false })
    expect(await token('dev_new', key)).toMatchObject(waiting)
    expect(await listed('unconfirmed')).toMatchObject([{ deviceId: 'dev_new', key: { confirmedAt: null } }])
    expect(await listed('key')).toEqual([])
    await confirm('dev_new', key)
    expect(await token('dev_new', key)).toMatchObject(ok)
    // The answer was lost: the same code says how it stands now.
    expect(await enrolled()).toMatchObject({ ...ok, confirmed: true })
    expect(await listed('unconfirmed')).toEqual([])
    expect(await listed('key')).toMatchObject([{ deviceId: 'dev_new' }])
    expect(await listed('preShared')).toMatchObject([{ deviceId: 'dev_admin' }])
  })

  it('[ENR-7][ACC-14] leaves an upgraded device its token until the key is confirmed and used', async () => {
    const { workspaceId, confirm, token } = await farm()
    const preShared = await api.device(workspaceId, 'dev_scout_1', 'scout')
    const [lost, key] = [await DeviceKey.generate(), await DeviceKey.generate()]
    expect(await upgrade(lost, preShared, 'lost')).toMatchObject({ ...ok, confirmed: false })
    // The device was set up again, and its first key is gone.
    expect(await upgrade(key, preShared)).toMatchObject({ ...ok, confirmed: false })
    expect(await upgrade(key, preShared, 'again')).toMatchObject({ ...ok, confirmed: false })
    expect(await token('dev_scout_1', lost)).toMatchObject({ reason: 'revoked' })
    expect(await token('dev_scout_1', key)).toMatchObject(waiting)
    expect(await session(preShared)).toMatchObject(ok)
    await confirm('dev_scout_1', key)
    expect(await session(preShared)).toMatchObject(ok)
    expect(await upgrade(await DeviceKey.generate(), preShared, 'third')).toMatchObject({ status: 409 })
    expect(await token('dev_scout_1', key)).toMatchObject(ok)
    expect(await session(preShared)).toMatchObject({ status: 401, reason: 'revoked' })
  })

  it('[ENR-7] leaves a device that enrolls again its earlier key and tokens until the new key is confirmed', async () => {
    const { workspaceId, settings, confirm, enroll, token, listed } = await farm()
    await settings({ baseVersion: 1, confirmKeys: false })
    const [old, next] = [await api.enroll(workspaceId, 'dev_scout_1'), await DeviceKey.generate()]
    await settings({ baseVersion: 2, confirmKeys: true })
    const accessToken = await api.accessToken(old, `${workspaceId}/dev_scout_1`)
    const oldCalls = async () => await outcome(await old.send(SESSION, { accessToken }))
    expect(await enroll('dev_scout_1', next)).toMatchObject({ ...ok, confirmed: false })
    expect(await token('dev_scout_1', next)).toMatchObject(waiting)
    expect(await oldCalls()).toMatchObject(ok)
    expect(await token('dev_scout_1', old)).toMatchObject(ok)
    expect(await listed()).toMatchObject([
      {},
      { deviceId: 'dev_scout_1', key: { fingerprint: next.thumbprint, confirmedAt: null } },
    ])
    for (const credential of ['key', 'unconfirmed'])
      expect(await listed(credential)).toMatchObject([{ deviceId: 'dev_scout_1' }])
    await confirm('dev_scout_1', next)
    expect(await token('dev_scout_1', next)).toMatchObject(ok)
    expect(await oldCalls()).toMatchObject({ status: 401, reason: 'expired' })
    expect(await token('dev_scout_1', old)).toMatchObject({ reason: 'revoked' })
  })

  it('[ENR-7] does not shut out its only admin, who confirms its own new key', async () => {
    const { workspaceId, admin, confirm } = await farm()
    const [key, next] = [await DeviceKey.generate(), await DeviceKey.generate()]
    expect(await upgrade(key, admin)).toMatchObject({ ...ok, confirmed: false })
    await confirm('dev_admin', key)
    const clientId = `${workspaceId}/dev_admin`
    await api.accessToken(key, clientId)
    const code = await api.enrollmentCode(workspaceId, 'dev_admin')
    expect(await outcome(await next.enroll(api.url, code))).toMatchObject({ confirmed: false })
    // With a token of its earlier key, which it gets still.
    const accessToken = await api.accessToken(key, clientId)
    const confirming = await overRest(api.url, {
      operation: 'devices.confirmKey',
      token: undefined,
      proven: { key, accessToken },
      input: { deviceId: 'dev_admin', keyFingerprint: next.thumbprint },
      key: randomUUID(),
    })
    expect(confirming).toMatchObject({ ok: true })
    expect(await outcome(await next.token(api.url, clientId, { at: NOW }))).toMatchObject(ok)
  })

  it('[ENR-6] takes a confirmed key of the device again, but not once the device was revoked', async () => {
    const { workspaceId, confirm, enroll, token } = await farm()
    const key = await DeviceKey.generate()
    await enroll('dev_scout_1', key)
    await confirm('dev_scout_1', key)
    expect(await enroll('dev_scout_1', key)).toMatchObject({ ...ok, confirmed: true })
    expect(await token('dev_scout_1', key)).toMatchObject(ok)
    await api.revoke(workspaceId, 'dev_scout_1')
    expect(await enroll('dev_scout_1', key)).toMatchObject({ ...ok, confirmed: false })
    expect(await token('dev_scout_1', key)).toMatchObject(waiting)
  })

  it('[ENR-7][ENR-2] gives a revoked device nothing back before its new key is confirmed', async () => {
    const { workspaceId, confirm, enroll, token } = await farm()
    const preShared = await api.device(workspaceId, 'dev_scout_1', 'scout')
    const [old, next] = [await DeviceKey.generate(), await DeviceKey.generate()]
    await upgrade(old, preShared)
    await confirm('dev_scout_1', old)
    await api.revoke(workspaceId, 'dev_scout_1')
    expect(await enroll('dev_scout_1', next)).toMatchObject({ ...ok, confirmed: false })
    expect(await session(preShared)).toMatchObject({ status: 401, reason: 'revoked' })
    expect(await token('dev_scout_1', old)).toMatchObject({ reason: 'revoked' })
    await confirm('dev_scout_1', next)
    expect(await token('dev_scout_1', next)).toMatchObject(ok)
  })

  it('[ENR-6][ACC-20] asks for no confirmation of a rotation, which the confirmed key proves', async () => {
    const { workspaceId, confirm, enroll, token } = await farm()
    const [key, next] = [await DeviceKey.generate(), await DeviceKey.generate()]
    await enroll('dev_scout_1', key)
    await confirm('dev_scout_1', key)
    const accessToken = await api.accessToken(key, `${workspaceId}/dev_scout_1`)
    const url = `${api.url}/v1/devices/dev_scout_1:rotateKey`
    const proof = await next.proof({ method: 'POST', url, nonce: key.nonce })
    const body = JSON.stringify({ deviceId: 'dev_scout_1', publicKeyJwk: next.publicJwk, proof })
    const rotated = await key.send(url, { accessToken, body, headers: { 'idempotency-key': 'rotate' } })
    expect(rotated.status).toBe(200)
    expect(await token('dev_scout_1', next)).toMatchObject(ok)
  })
})

it('[ACC-25][ACC-21] a workspace that refuses tokens upgrades none: the device enrolls', async () => {
  const { workspaceId, settings, confirm, enroll, token } = await farm()
  const preShared = await api.device(workspaceId, 'dev_scout_1', 'scout')
  const admin = await DeviceKey.generate()
  const code = await api.enrollmentCode(workspaceId, 'dev_boss', 'admin')
  await admin.enroll(api.url, code)
  await confirm('dev_boss', admin)
  await token('dev_boss', admin)
  await settings({ baseVersion: 1, deviceTokens: { mode: 'refused' } })
  const key = await DeviceKey.generate()
  expect(await upgrade(key, preShared)).toMatchObject({
    status: 401,
    reason: 'token_refused',
    action: 're_enrol',
  })
  expect(await enroll('dev_scout_1', key)).toMatchObject({ ...ok, confirmed: false })
  const accessToken = await api.accessToken(admin, `${workspaceId}/dev_boss`)
  const confirming = await overRest(api.url, {
    operation: 'devices.confirmKey',
    token: undefined,
    proven: { key: admin, accessToken },
    input: { deviceId: 'dev_scout_1', keyFingerprint: key.thumbprint },
    key: randomUUID(),
  })
  expect(confirming).toMatchObject({ ok: true })
  expect(await token('dev_scout_1', key)).toMatchObject(ok)
})
