import { CONTRACT_HEADER, CONTRACT_VERSION } from '@fieldsync/contracts'
import { DeviceKey } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { NOW, realApi } from '../testing/real-api.ts'

const api = await realApi()
const SESSION = `${api.url}/v1/session`
const CURRENT = { [CONTRACT_HEADER]: CONTRACT_VERSION }
const DEVICE = 'dev_scout_1'

type Outcome = Record<string, unknown>
async function outcome(answer: Response): Promise<Outcome> {
  const body = (await answer.json()) as { error?: string | { code: string; details?: object } }
  const error = typeof body.error === 'object' ? body.error : undefined
  return { status: answer.status, ...body, ...error, ...error?.details }
}

async function enrolled(deviceId = DEVICE) {
  const workspaceId = await api.workspace()
  const admin = await api.device(workspaceId, 'dev_admin', 'admin')
  const key = await api.enroll(workspaceId, deviceId)
  const clientId = `${workspaceId}/${deviceId}`
  return { workspaceId, admin, clientId, key, accessToken: await api.accessToken(key, clientId) }
}

/** An admin's command on a device. */
const command = async (admin: string, verb: string, input: object = {}) =>
  await outcome(
    await fetch(`${api.url}/v1/devices/${DEVICE}:${verb}`, {
      method: 'POST',
      headers: { 'x-device-token': admin, 'content-type': 'application/json', 'idempotency-key': verb },
      body: JSON.stringify({ deviceId: DEVICE, ...input }),
    }),
  )

/** What the server answers a device that asks for its session, and for a token. */
async function refusals(device: Awaited<ReturnType<typeof enrolled>>, headers: Record<string, string>) {
  const { key, accessToken, clientId } = device
  const assertion = await key.assertion(api.url, clientId, NOW)
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  })
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const request = {
    body: form.toString(),
    headers: { ...type, ...headers },
    proof: { body: undefined },
  }
  return [
    await outcome(await key.send(SESSION, { accessToken, headers })),
    await outcome(await key.send(`${api.url}/oauth/token`, request)),
  ]
}

const ACKNOWLEDGE = (deviceId = DEVICE): string => `${api.url}/v1/devices/${deviceId}:acknowledgeWipe`
async function acknowledge(
  key: DeviceKey,
  clientId: string,
  options: { unsentDeleted?: number; url?: string; proof?: object; headers?: Record<string, string> } = {},
): Promise<Outcome> {
  const { unsentDeleted = 3, url = ACKNOWLEDGE(), proof, headers } = options
  if (key.nonce === undefined) await key.send(url, { body: '{}' })
  const body = JSON.stringify({ deviceId: DEVICE, clientId, unsentDeleted })
  return await outcome(
    await key.send(url, { body, ...(proof ? { proof } : {}), ...(headers ? { headers } : {}) }),
  )
}

const WIPE = { reason: 'wipe', action: 'wipe' }
const REVOKED = { reason: 'revoked', action: 're_enrol' }

describe('a device with a key that is to be wiped', () => {
  it('[WIP-1][WIP-2][ACC-1] is refused with `wipe` by every call and by /oauth/token; an older build with `revoked`', async () => {
    const device = await enrolled()
    expect(await command(device.admin, 'wipe')).toMatchObject({ status: 200, alreadyRequested: false })
    for (const each of await refusals(device, CURRENT)) expect(each).toMatchObject({ status: 401, ...WIPE })
    for (const headers of [{ [CONTRACT_HEADER]: '1.6.0' }, { [CONTRACT_HEADER]: 'next' }, {}])
      for (const each of await refusals(device, headers))
        expect(each).toMatchObject({ status: 401, ...REVOKED })
  })

  it('[WIP-1][LIV-5] loses its open stream', async () => {
    const { admin, key, accessToken } = await enrolled()
    const stream = await key.send(`${api.url}/trpc/sync.live`, { accessToken, headers: CURRENT })
    expect(stream.status).toBe(200)
    await command(admin, 'wipe')
    const text = await stream.text()
    expect(text).toContain('event: connected')
    expect(text).toContain('AUTH_REQUIRED')
  })

  it('[WIP-4][WIP-5][OPS-48] acknowledges it with its key, which has ended then, with an audit entry of the device', async () => {
    const device = await enrolled()
    const { admin, key, clientId } = device
    await command(admin, 'wipe')
    const expected = { status: 200, deviceId: DEVICE, acknowledgedAt: NOW.toISOString(), unsentDeleted: 3 }
    expect(await acknowledge(key, clientId)).toEqual(expected)
    // The answer was lost.
    expect(await acknowledge(key, clientId, { unsentDeleted: 0 })).toEqual(expected)
    for (const each of await refusals(device, CURRENT))
      expect(each).toMatchObject({ status: 401, ...REVOKED })
    const audit = await fetch(`${api.url}/v1/audit`, { headers: { 'x-device-token': admin } })
    const entry = {
      action: 'device.acknowledge_wipe',
      actor: expect.objectContaining({ deviceId: DEVICE, keyFingerprint: key.thumbprint }),
    }
    expect(await audit.json()).toContainEqual(expect.objectContaining(entry))
  })

  it('[WIP-4] takes no acknowledgement but one by its present key, for this very request', async () => {
    const { admin, key, clientId, workspaceId } = await enrolled()
    const foreign = await enrolled()
    const neighbor = await api.enroll(workspaceId, 'dev_scout_2')
    await command(admin, 'wipe')
    const invalid = { status: 401, reason: 'invalid' }
    const stranger = await DeviceKey.generate()
    expect(await acknowledge(stranger, clientId)).toMatchObject(invalid)
    expect(await acknowledge(neighbor, clientId)).toMatchObject(invalid)
    expect(await acknowledge(neighbor, `${workspaceId}/dev_scout_2`)).toMatchObject(invalid)
    expect(await acknowledge(foreign.key, clientId)).toMatchObject(invalid)
    expect(await acknowledge(foreign.key, foreign.clientId)).toMatchObject({ status: 409, code: 'CONFLICT' })
    for (const nowhere of ['', 'ws_none', `${clientId}/x`])
      expect(await acknowledge(key, nowhere)).toMatchObject(invalid)
    for (const proof of [
      { url: SESSION },
      { method: 'GET' },
      { body: '{}' },
      { url: ACKNOWLEDGE('dev_scout_2') },
    ])
      expect(await acknowledge(key, clientId, { proof })).toMatchObject({
        status: 401,
        reason: 'proof_invalid',
      })
    const nonce = { proof: { nonce: 'x' } }
    expect(await acknowledge(key, clientId, nonce)).toMatchObject({ status: 401, reason: 'nonce' })
    const without = { headers: { dpop: '' } }
    expect((await acknowledge(key, clientId, without))['status']).toBe(401)
    const token = { headers: { dpop: '', 'x-device-token': admin } }
    expect(await acknowledge(key, clientId, token)).toMatchObject({ status: 401 })
    expect(await acknowledge(key, clientId)).toMatchObject({ status: 200 })
  })

  it('[WIP-4] counts a proof of its acknowledgement once', async () => {
    const { admin, key, clientId } = await enrolled()
    await command(admin, 'wipe')
    const body = JSON.stringify({ deviceId: DEVICE, clientId, unsentDeleted: 1 })
    const dpop = await key.proof({ method: 'POST', url: ACKNOWLEDGE(), body })
    const send = async () =>
      await outcome(
        await fetch(ACKNOWLEDGE(), {
          method: 'POST',
          headers: { dpop, 'content-type': 'application/json' },
          body,
        }),
      )
    expect(await send()).toMatchObject({ status: 200 })
    expect(await send()).toMatchObject({ status: 401, reason: 'replayed' })
  })

  it('[WIP-6] keeps its key out when the wipe was called off by an enrollment under the same id', async () => {
    const device = await enrolled()
    const { admin, key, clientId } = device
    await command(admin, 'wipe')
    const open = async (input: object) =>
      await outcome(
        await fetch(`${api.url}/v1/devices/enrollments`, {
          method: 'POST',
          headers: {
            'x-device-token': admin,
            'content-type': 'application/json',
            'idempotency-key': JSON.stringify(input),
          },
          body: JSON.stringify({ deviceId: DEVICE, ...input }),
        }),
      )
    expect(await open({})).toMatchObject({ status: 409, reason: 'wipe_pending' })
    const { code } = await open({ cancelWipe: true })
    for (const each of await refusals(device, CURRENT)) expect(each).toMatchObject(WIPE)
    const next = await DeviceKey.generate()
    expect((await next.enroll(api.url, String(code))).status).toBe(200)
    for (const each of await refusals(device, CURRENT)) expect(each).not.toMatchObject(WIPE)
    expect(await acknowledge(key, clientId)).toMatchObject({ status: 401, ...REVOKED })
    const accessToken = await api.accessToken(next, clientId)
    expect((await next.send(SESSION, { accessToken })).status).toBe(200)
    const devices = await fetch(`${api.url}/v1/devices`, { headers: { 'x-device-token': admin } })
    expect(await devices.json()).toContainEqual(expect.objectContaining({ deviceId: DEVICE, wipe: null }))
    const audit = await fetch(`${api.url}/v1/audit`, { headers: { 'x-device-token': admin } })
    expect(await audit.json()).toContainEqual(
      expect.objectContaining({
        action: 'device.enroll',
        change: expect.objectContaining({ paths: ['/wipe'] }),
      }),
    )
  })

  it('[WIP-1] does not ask a key that was replaced before', async () => {
    const device = await enrolled()
    const { admin, workspaceId } = device
    const next = await api.enroll(workspaceId, DEVICE)
    await command(admin, 'wipe')
    for (const each of await refusals(device, CURRENT))
      expect(each).toMatchObject({ status: 401, ...REVOKED })
    const [, token] = await refusals({ ...device, key: next }, CURRENT)
    expect(token).toMatchObject({ status: 401, ...WIPE })
  })
})

describe('a device with a pre-shared token that is to be wiped', () => {
  it.each(['x-device-token', 'authorization'])(
    '[WIP-4][OPS-48] acknowledges it with its token: %s',
    async (header) => {
      const workspaceId = await api.workspace()
      const admin = await api.device(workspaceId, 'dev_admin', 'admin')
      const token = await api.device(workspaceId, DEVICE, 'scout')
      await command(admin, 'wipe')
      const value = header === 'authorization' ? `Bearer ${token}` : token
      const send = async () =>
        await outcome(
          await fetch(ACKNOWLEDGE(), {
            method: 'POST',
            headers: { [header]: value, 'content-type': 'application/json' },
            body: JSON.stringify({ deviceId: DEVICE, unsentDeleted: 2 }),
          }),
        )
      const expected = { status: 200, acknowledgedAt: NOW.toISOString(), unsentDeleted: 2 }
      expect(await send()).toMatchObject(expected)
      expect(await send()).toMatchObject(expected)
      const session = await fetch(SESSION, { headers: { [header]: value, ...CURRENT } })
      expect(await outcome(session)).toMatchObject({ status: 401, ...REVOKED })
    },
  )
})
