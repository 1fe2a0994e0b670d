import { OAUTH_PATHS, type OperationName } from '@fieldsync/contracts'
import { DeviceKey, seededRandom, seededRuns } from '@fieldsync/testkit'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'

import { NOW, realApi } from '../testing/real-api.ts'
import { bodyOf, refused, serviceFarms } from '../testing/service-farm.ts'
import { type Call, overRest } from '../testing/transports.ts'

const api = await realApi()
const { farm, bearerOf, session } = serviceFarms(api)
const TOKEN_URL = `${api.url}${OAUTH_PATHS.token}`
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** A token request as a client of its own writes it. */
const request = (form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(TOKEN_URL, {
    method: 'POST',
    headers: { ...FORM, ...headers },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...form }),
  })
const basic = (id: string, secret: string): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
})

describe('a service with a secret', () => {
  it('[SVC-1][SVC-4][OPS-50] gets a bearer token of ten minutes, by its secret in the form or as Basic authentication', async () => {
    const { workspaceId, service } = await farm()
    const { clientId, clientSecret } = service
    expect(clientId).toBe(`${workspaceId}/dev_svc_import`)
    const secret = clientSecret ?? ''
    expect(secret).toMatch(/^fss_[\w-]{43}$/)
    const plain = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`
    for (const answer of [
      await request({ client_id: clientId, client_secret: secret }),
      await request({}, basic(clientId, secret)),
      // As curl sends it: nothing in it needs to be encoded.
      await request({}, { authorization: plain }),
    ]) {
      expect(answer.headers.get('cache-control')).toBe('no-store')
      const body = await bodyOf(answer)
      expect(body).toMatchObject({ status: 200, token_type: 'Bearer', expires_in: 600, scope: 'sync read' })
      const token = String(body['access_token'])
      expect(decodeJwt(token)).toMatchObject({
        sub: clientId,
        client_id: clientId,
        aud: api.url,
        wsp: workspaceId,
      })
      expect(decodeJwt(token)).not.toHaveProperty('cnf')
      expect(await session(token)).toMatchObject({
        ok: true,
        answer: { deviceId: 'dev_svc_import', role: 'service', workspace: { workspaceId } },
      })
    }
  })

  it('[SVC-4][ACC-16] that proves a key gets a token that is bound to it, and of no use as a bearer', async () => {
    const { service } = await farm()
    const key = await DeviceKey.generate()
    const body = await bodyOf(await key.secretToken(api.url, service))
    expect(body).toMatchObject({ status: 200, token_type: 'DPoP' })
    const accessToken = String(body['access_token'])
    expect((await key.send(`${api.url}/v1/session`, { accessToken })).status).toBe(200)
    expect(await session(accessToken)).toMatchObject(refused(401, 'binding'))
    const other = await DeviceKey.generate()
    other.nonce = key.nonce
    expect((await other.send(`${api.url}/v1/session`, { accessToken })).status).toBe(401)
  })

  it('[SVC-4] a bearer token is one in `Authorization: Bearer` alone', async () => {
    const { service } = await farm()
    const accessToken = await bearerOf(service)
    const key = await DeviceKey.generate()
    const url = `${api.url}/v1/session`
    await key.send(url)
    const proven = await key.send(url, { accessToken })
    expect(await proven.json()).toMatchObject({ error: { details: { reason: 'binding' } } })
    const asToken = await fetch(url, { headers: { 'x-device-token': accessToken } })
    expect(await asToken.json()).toMatchObject({ error: { details: { reason: 'binding' } } })
  })

  it('[SVC-4] its secret opens nothing but /oauth/token, and a pre-shared token nothing there', async () => {
    const { workspaceId, service } = await farm()
    const secret = service.clientSecret ?? ''
    for (const headers of [{ 'x-device-token': secret }, { authorization: `Bearer ${secret}` }])
      expect((await fetch(`${api.url}/v1/session`, { headers })).status).toBe(401)
    const token = await api.device(workspaceId, 'dev_other', 'admin')
    for (const [client_id, client_secret] of [
      [`${workspaceId}/dev_other`, token],
      [service.clientId, token],
      [`${workspaceId}/dev_other`, secret],
    ] as const)
      expect(await bodyOf(await request({ client_id, client_secret }))).toMatchObject({
        status: 401,
        error: 'invalid_client',
        reason: 'invalid',
      })
  })

  it('[ERR-21] is refused for each mistake in the words of OAuth, and in the scheme that it used', async () => {
    const { service } = await farm()
    const { clientId } = service
    const secret = service.clientSecret ?? ''
    const both = { client_id: clientId, client_secret: secret }
    const cases: [
      form: Record<string, string>,
      headers: Record<string, string>,
      status: number,
      error: string,
    ][] = [
      [{ client_id: clientId, client_secret: `${secret}x` }, {}, 401, 'invalid_client'],
      [{ client_id: `${clientId}x`, client_secret: secret }, {}, 401, 'invalid_client'],
      [{ client_id: 'x', client_secret: secret }, {}, 401, 'invalid_client'],
      [{ client_secret: secret }, {}, 400, 'invalid_request'],
      [{ client_id: clientId }, {}, 400, 'invalid_request'],
      [both, basic(clientId, secret), 400, 'invalid_request'],
      [{ ...both, client_assertion: 'a.b.c' }, {}, 400, 'invalid_request'],
      [{}, { authorization: 'Basic !' }, 400, 'invalid_request'],
      [{}, { authorization: `Basic ${Buffer.from('%zz:%zz').toString('base64')}` }, 400, 'invalid_request'],
      [{}, { authorization: `Bearer ${secret}` }, 400, 'invalid_request'],
      [{ ...both, scope: 'admin' }, {}, 400, 'invalid_scope'],
      [{ ...both, scope: 'weather:live' }, {}, 400, 'invalid_scope'],
    ]
    for (const [form, headers, status, error] of cases) {
      const answer = await request(form, headers)
      expect([form, headers, await bodyOf(answer)]).toMatchObject([form, headers, { status, error }])
    }
    const answer = await request({}, basic(clientId, 'wrong'))
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      'Basic realm="fieldsync", charset="UTF-8"',
    ])
    expect((await request(both)).status).toBe(200)
  })
})

describe('a service with a key', () => {
  it('[SVC-4] proves it as a device does, and with every request', async () => {
    const key = await DeviceKey.generate()
    const { service } = await farm({ publicKeyJwk: key.publicJwk })
    expect(service).toMatchObject({ keyFingerprint: key.thumbprint, clientSecret: null })
    const accessToken = await api.accessToken(key, service.clientId)
    expect((await key.send(`${api.url}/v1/session`, { accessToken })).status).toBe(200)
    expect(await session(accessToken)).toMatchObject(refused(401, 'binding'))
    const assertion = await key.assertion(api.url, service.clientId, NOW)
    const without = await request({
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    })
    expect(await bodyOf(without)).toMatchObject({ status: 400, error: 'invalid_dpop_proof' })
  })

  it('[SVC-2] does not change its own key, and is no device to any command', async () => {
    const key = await DeviceKey.generate()
    const { service, workspaceId, asAdmin } = await farm({ publicKeyJwk: key.publicJwk })
    const accessToken = await api.accessToken(key, service.clientId)
    const next = await DeviceKey.generate()
    const url = `${api.url}/v1/devices/dev_svc_import:rotateKey`
    const input = { deviceId: 'dev_svc_import', publicKeyJwk: next.publicJwk, proof: 'none' }
    const own = await key.send(url, {
      accessToken,
      body: JSON.stringify(input),
      headers: { 'idempotency-key': 'k' },
    })
    expect(await own.json()).toMatchObject({
      error: { code: 'FORBIDDEN', details: { reason: 'device_mismatch' } },
    })
    const listed = await asAdmin('devices.list', {})
    expect(JSON.stringify(listed)).not.toContain('dev_svc_')
    const deviceId = 'dev_svc_import'
    const admin = await api.device(workspaceId, 'dev_admin_2', 'admin')
    const commands: [OperationName, Call['input'], status: number][] = [
      ['devices.create', { deviceId, role: 'scout' }, 400],
      ['devices.openEnrollment', { deviceId }, 400],
      ['devices.revoke', { deviceId }, 404],
      ['devices.readmit', { deviceId }, 404],
      ['devices.setRole', { deviceId, role: 'admin' }, 404],
      ['devices.reissueToken', { deviceId }, 404],
      ['devices.confirmKey', { deviceId, keyFingerprint: key.thumbprint }, 404],
    ]
    for (const [operation, commandInput, status] of commands) {
      const outcome = await overRest(api.url, {
        operation,
        token: admin,
        input: commandInput,
        key: operation,
      })
      expect([operation, outcome]).toMatchObject([operation, { ok: false, status }])
    }
  })

  it('[SVC-2] with a secret has no way to register a key by itself', async () => {
    const { service } = await farm()
    const key = await DeviceKey.generate()
    const body = JSON.stringify({ publicKeyJwk: key.publicJwk })
    await key.send(`${api.url}/v1/session`)
    const answer = await key.send(`${api.url}/v1/devices:upgrade`, {
      body,
      headers: { authorization: `Bearer ${await bearerOf(service)}`, 'idempotency-key': 'k' },
    })
    expect(await answer.json()).toMatchObject({ error: { code: 'FORBIDDEN' } })
  })
})

it('[SVC-4] none of 1,000 forged secrets and tokens is accepted, nor ends in a 5xx; each counts against its client', async () => {
  const { service } = await farm()
  const rng = seededRandom(seededRuns().seed)
  const [secret, bearer] = [service.clientSecret ?? '', await bearerOf(service)]
  const keyed = new Set<string>()
  const logged: unknown[] = []
  await using server = await api.another({
    rateLimiter: {
      consume: (key) => {
        keyed.add(key)
        return { ok: true }
      },
    },
    logger: { warn: (fields, message) => void logged.push({ ...fields, message }), error: () => undefined },
  })
  const statuses = new Map<number, number>()
  for (let i = 0; i < 500; i++) {
    const answer = await fetch(`${server.url}${OAUTH_PATHS.token}`, {
      method: 'POST',
      headers: FORM,
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: service.clientId,
        client_secret: altered(secret),
      }),
    })
    count(answer.status)
    const call = await fetch(`${server.url}/v1/session`, {
      headers: { authorization: `Bearer ${altered(bearer)}` },
    })
    count(call.status)
  }
  expect([...statuses.keys()]).toEqual([401])
  expect(keyed).toEqual(
    new Set([
      'failed-token:127.0.0.1',
      `failed-token:client:${service.clientId}`,
      'failed-credential:127.0.0.1',
    ]),
  )
  const ofClient = logged.filter((line) => JSON.stringify(line).includes(`"client":"${service.clientId}"`))
  expect(ofClient).toHaveLength(500)
  expect(JSON.stringify(logged)).not.toContain(secret.slice(4))

  function count(status: number): void {
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  /** With one character less, more, or another one. */
  function altered(text: string): string {
    const at = rng.int(0, text.length - 1)
    const letter = 'ABCDEFGHabcdefgh0123456789-_'[rng.int(0, 27)] ?? 'A'
    const cut = rng.int(0, 2)
    const changed = `${text.slice(0, at)}${cut === 0 ? '' : letter}${text.slice(cut === 1 ? at : at + 1)}`
    return changed === text ? `${text}A` : changed
  }
})
