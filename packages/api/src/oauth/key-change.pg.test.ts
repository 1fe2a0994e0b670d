import { DeviceKey } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { NOW, realApi } from '../testing/real-api.ts'

const api = await realApi()
const SESSION = `${api.url}/v1/session`
const UPGRADE = `${api.url}/v1/devices:upgrade`

async function enrolled() {
  const workspaceId = await api.workspace()
  const key = await api.enroll(workspaceId, 'dev_scout_1')
  const clientId = `${workspaceId}/dev_scout_1`
  return { workspaceId, clientId, key, accessToken: await api.accessToken(key, clientId) }
}

async function outcome(answer: Response): Promise<Record<string, unknown>> {
  const body = (await answer.json()) as { error?: { code: string; details?: object } }
  return { status: answer.status, ...body, ...body.error?.details }
}

/** Puts `next` in the place of `key`; `options` make it wrong. */
async function rotate(
  caller: { key: DeviceKey; accessToken: string },
  next: DeviceKey,
  options: { deviceId?: string; proof?: string; jwk?: object; idempotencyKey?: string } = {},
) {
  const { deviceId = 'dev_scout_1', idempotencyKey = 'rotate' } = options
  const url = `${api.url}/v1/devices/${deviceId}:rotateKey`
  const nonce = caller.key.nonce
  const proof = options.proof ?? (await next.proof({ method: 'POST', url, nonce }))
  const body = JSON.stringify({ deviceId, publicKeyJwk: options.jwk ?? next.publicJwk, proof })
  const { accessToken } = caller
  return await caller.key.send(url, { accessToken, body, headers: { 'idempotency-key': idempotencyKey } })
}

describe('rotating a key', () => {
  it('[ACC-20][OPS-42] ends the old key and its tokens at once, and the new one works', async () => {
    const caller = await enrolled()
    const { workspaceId, clientId, key, accessToken } = caller
    const next = await DeviceKey.generate()
    expect(await outcome(await rotate(caller, next))).toEqual({
      status: 200,
      deviceId: 'dev_scout_1',
      keyFingerprint: next.thumbprint,
      rotatedAt: NOW.toISOString(),
    })
    expect(await outcome(await key.send(SESSION, { accessToken }))).toMatchObject({ reason: 'expired' })
    expect(await outcome(await key.token(api.url, clientId, { at: NOW }))).toMatchObject({
      reason: 'revoked',
    })
    const renewed = await api.accessToken(next, clientId)
    expect(await outcome(await next.send(SESSION, { accessToken: renewed }))).toMatchObject({ status: 200 })
    const admin = await api.device(workspaceId, 'dev_admin', 'admin')
    const audit = await fetch(`${api.url}/v1/audit`, { headers: { 'x-device-token': admin } })
    expect(await audit.json()).toContainEqual(
      expect.objectContaining({
        action: 'device.rotate_key',
        actor: expect.objectContaining({ deviceId: 'dev_scout_1', keyFingerprint: key.thumbprint }),
      }),
    )
  })

  it('[ACC-20] needs both keys, each for this request, and changes nothing otherwise', async () => {
    const caller = await enrolled()
    const [next, other] = [await DeviceKey.generate(), await DeviceKey.generate()]
    const invalid = { status: 401, reason: 'proof_invalid' }
    const url = `${api.url}/v1/devices/dev_scout_1:rotateKey`
    const elsewhere = await next.proof({ method: 'POST', url: SESSION, nonce: caller.key.nonce })
    const byAnother = await other.proof({ method: 'POST', url, nonce: caller.key.nonce })
    for (const [options, expected] of [
      [{ proof: '' }, invalid],
      [{ proof: elsewhere }, invalid],
      [{ proof: byAnother }, invalid],
      [{ jwk: other.publicJwk }, invalid],
      [{ proof: await next.proof({ method: 'POST', url, nonce: 'x' }) }, { status: 401, reason: 'nonce' }],
      [{ deviceId: 'dev_scout_2' }, { status: 403, reason: 'device_mismatch' }],
    ] as const)
      expect(await outcome(await rotate(caller, next, options))).toMatchObject(expected)
    expect((await caller.key.send(SESSION, { accessToken: caller.accessToken })).status).toBe(200)
  })

  it('[ACC-20] is not for a device without a key', async () => {
    const workspaceId = await api.workspace()
    const token = await api.device(workspaceId, 'dev_scout_1', 'scout')
    const next = await DeviceKey.generate()
    const answer = await fetch(`${api.url}/v1/devices/dev_scout_1:rotateKey`, {
      method: 'POST',
      headers: { 'x-device-token': token, 'content-type': 'application/json', 'idempotency-key': 'r' },
      body: JSON.stringify({ deviceId: 'dev_scout_1', publicKeyJwk: next.publicJwk, proof: 'x' }),
    })
    expect(await outcome(answer)).toMatchObject({ status: 403, reason: 'device_mismatch' })
  })
})

describe('upgrading a pre-shared token to a key', () => {
  const upgrade = async (key: DeviceKey, token: string, idempotencyKey = 'upgrade') => {
    if (key.nonce === undefined) await key.send(UPGRADE, { body: '{}', headers: { 'x-device-token': token } })
    return await outcome(
      await key.send(UPGRADE, {
        body: JSON.stringify({ publicKeyJwk: key.publicJwk }),
        headers: { 'x-device-token': token, 'idempotency-key': idempotencyKey },
      }),
    )
  }

  it('[ACC-21][OPS-43] leaves the token until the key is used, and then ends it', async () => {
    const workspaceId = await api.workspace()
    const token = await api.device(workspaceId, 'dev_scout_1', 'scout')
    const key = await DeviceKey.generate()
    const clientId = `${workspaceId}/dev_scout_1`
    const expected = { status: 200, clientId, keyFingerprint: key.thumbprint, confirmed: true, role: 'scout' }
    expect(await upgrade(key, token)).toMatchObject(expected)
    // The answer was lost.
    expect(await upgrade(key, token)).toMatchObject(expected)
    expect(await upgrade(key, token, 'another')).toMatchObject(expected)
    const session = () => fetch(SESSION, { headers: { 'x-device-token': token } })
    expect((await session()).status).toBe(200)
    await api.accessToken(key, clientId)
    expect(await outcome(await session())).toMatchObject({ status: 401, reason: 'revoked' })
  })

  it('[ACC-21] puts no key in the place of another', async () => {
    const workspaceId = await api.workspace()
    const token = await api.device(workspaceId, 'dev_scout_1', 'scout')
    expect(await upgrade(await DeviceKey.generate(), token)).toMatchObject({ status: 200 })
    const thief = await upgrade(await DeviceKey.generate(), token, 'other')
    expect(thief).toMatchObject({ status: 409, error: { code: 'CONFLICT' } })
  })

  it('[ACC-21] needs a token that is valid, and a proof', async () => {
    const workspaceId = await api.workspace()
    const token = await api.device(workspaceId, 'dev_scout_1', 'scout')
    const key = await DeviceKey.generate()
    expect(await upgrade(key, 'unknown')).toMatchObject({ status: 401, reason: 'invalid' })
    const headers = { 'x-device-token': token, 'content-type': 'application/json', 'idempotency-key': 'u' }
    const body = JSON.stringify({ publicKeyJwk: key.publicJwk })
    const bare = await fetch(UPGRADE, { method: 'POST', headers, body })
    expect(await outcome(bare)).toMatchObject({ status: 401, reason: 'proof_invalid' })
  })
})
