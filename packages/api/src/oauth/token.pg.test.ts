import { OAUTH_PATHS } from '@fieldsync/contracts'
import { DeviceKey, type TokenRequest } from '@fieldsync/testkit'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'

import { NOW, realApi } from '../testing/real-api.ts'
import { overRest } from '../testing/transports.ts'

const api = await realApi()
const DAY_MS = 24 * 60 * 60 * 1000

async function enrolled(role: 'scout' | 'admin' = 'scout') {
  const workspaceId = await api.workspace()
  const key = await api.enroll(workspaceId, 'dev_scout_1', role)
  const clientId = `${workspaceId}/dev_scout_1`
  const request = (options: Partial<TokenRequest> = {}) =>
    key.token(api.url, clientId, { at: NOW, ...options })
  const refused = async (options: Partial<TokenRequest>) => {
    const answer = await request(options)
    return { status: answer.status, ...((await answer.json()) as object) }
  }
  return { workspaceId, clientId, key, request, refused }
}

describe('/oauth/token', () => {
  it('[ACC-13] gives a device that proves its key a token of ten minutes, bound to it', async () => {
    const { workspaceId, clientId, key, request } = await enrolled()
    const answer = await request({ scope: 'sync' })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const body = (await answer.json()) as { access_token: string }
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'DPoP',
      expires_in: 600,
      scope: 'sync',
    })
    const keys = createRemoteJWKSet(new URL(`${api.url}${OAUTH_PATHS.jwks}`))
    const { payload, protectedHeader } = await jwtVerify(body.access_token, keys, {
      issuer: api.url,
      audience: api.url,
      currentDate: NOW,
    })
    expect(protectedHeader).toMatchObject({ alg: 'ES256', typ: 'at+jwt' })
    expect(payload).toMatchObject({
      sub: clientId,
      client_id: clientId,
      wsp: workspaceId,
      scope: 'sync',
      cnf: { jkt: key.thumbprint },
      exp: NOW.getTime() / 1000 + 600,
    })
  })

  it.each([
    ['scout', undefined, 'sync read'],
    ['scout', 'sync read admin', 'sync read'],
    ['admin', undefined, 'sync read admin'],
    ['admin', 'admin', 'admin'],
  ] as const)('[ACC-19] a %s that requests %s gets %s', async (role, scope, granted) => {
    const { request } = await enrolled(role)
    expect(await (await request(scope === undefined ? {} : { scope })).json()).toMatchObject({
      scope: granted,
    })
  })

  it.each(['admin', 'sync everything', ''])('[ACC-19] a scout is refused the scope “%s”', async (scope) => {
    const { refused } = await enrolled()
    expect(await refused({ form: { scope: scope === '' ? ' ' : scope } })).toMatchObject({
      status: 400,
      error: 'invalid_scope',
      reason: 'scope',
    })
  })

  it.each(['scout', 'admin'] as const)(
    '[ACC-23] gives a %s a token of five minutes for live weather, when it requests that alone',
    async (role) => {
      const { key, request, refused } = await enrolled(role)
      const answer = await request({ scope: 'weather:live' })
      const body = (await answer.json()) as { access_token: string }
      expect(body).toMatchObject({ expires_in: 300, scope: 'weather:live' })
      expect(decodeJwt(body.access_token)).toMatchObject({ aud: `${api.url}/v1/weather` })
      const session = await key.send(`${api.url}/v1/session`, { accessToken: body.access_token })
      expect(session.status).toBe(401)
      expect(await session.json()).toMatchObject({ error: { details: { reason: 'invalid' } } })
      for (const scope of ['weather:live read', 'sync weather:live'])
        expect(await refused({ scope })).toMatchObject({
          status: 400,
          error: 'invalid_scope',
          error_description: expect.stringContaining('weather:live is requested alone'),
        })
    },
  )

  it('[ACC-13] refuses what is not proven, each for its reason', async () => {
    const { key, clientId, refused } = await enrolled()
    const other = await DeviceKey.generate()
    const foreign = await other.assertion(api.url, clientId, NOW)
    const cases: [what: string, Partial<TokenRequest>, status: number, error: string, reason: string][] = [
      ['no nonce', { proof: { nonce: 'x' } }, 400, 'use_dpop_nonce', 'nonce'],
      ['another method', { proof: { method: 'GET' } }, 400, 'invalid_dpop_proof', 'proof_invalid'],
      [
        'another address',
        { proof: { url: `${api.url}/v1/session` } },
        400,
        'invalid_dpop_proof',
        'proof_invalid',
      ],
      ['another type', { proof: { header: { typ: 'JWT' } } }, 400, 'invalid_dpop_proof', 'proof_invalid'],
      ['another key', { form: { client_assertion: foreign } }, 401, 'invalid_client', 'invalid'],
      ['another audience', { claims: { aud: 'https://else.example' } }, 401, 'invalid_client', 'invalid'],
      ['another device', { claims: { sub: `${clientId}x` } }, 401, 'invalid_client', 'invalid'],
      ['no device', { claims: { iss: 'x', sub: 'x' } }, 401, 'invalid_client', 'invalid'],
      ['not a JWT', { form: { client_assertion: 'a.b.c' } }, 401, 'invalid_client', 'invalid'],
      ['clock a day slow', { at: new Date(NOW.getTime() - DAY_MS) }, 401, 'invalid_client', 'clock_skew'],
      ['clock a day fast', { at: new Date(NOW.getTime() + DAY_MS) }, 401, 'invalid_client', 'clock_skew'],
      ['no expiry', { claims: { exp: undefined } }, 401, 'invalid_client', 'invalid'],
    ]
    for (const [what, options, status, error, reason] of cases) {
      const answer = await refused(options)
      expect([what, answer]).toMatchObject([what, { status, error, reason, timestamp: NOW.toISOString() }])
    }
    // Nothing of it has cost the device its access.
    expect((await key.token(api.url, clientId, { at: NOW })).status).toBe(200)
  })

  it('[ACC-13] reports a wrong clock only to one that has proven its key', async () => {
    const { clientId } = await enrolled()
    const stranger = await DeviceKey.generate()
    const answer = await stranger.token(api.url, clientId, { at: new Date(0) })
    expect(await answer.json()).toMatchObject({ error: 'invalid_client', reason: 'invalid' })
  })

  it('[ACC-13] needs one key for both signatures', async () => {
    const { key, clientId } = await enrolled()
    const other = await DeviceKey.generate()
    const assertion = await key.assertion(api.url, clientId, NOW)
    const answer = await other.token(api.url, clientId, { at: NOW, form: { client_assertion: assertion } })
    expect(await answer.json()).toMatchObject({ error: 'invalid_client', reason: 'key_mismatch' })
  })

  it('[ACC-17] counts a proof once', async () => {
    const { key, clientId } = await enrolled()
    const url = `${api.url}${OAUTH_PATHS.token}`
    const proof = await key.proof({ method: 'POST', url })
    const send = () => key.token(api.url, clientId, { at: NOW, proof: { claims: decodeJwt(proof) } })
    expect((await send()).status).toBe(200)
    expect(await (await send()).json()).toMatchObject({ error: 'invalid_dpop_proof', reason: 'replayed' })
  })

  it('[ACC-14] ends the pre-shared tokens with the first token of a key', async () => {
    const workspaceId = await api.workspace()
    const token = await api.device(workspaceId, 'dev_scout_1', 'scout')
    const key = await api.enroll(workspaceId, 'dev_scout_1')
    const session = () => overRest(api.url, { operation: 'session.get', token, input: {} })
    expect(await session()).toMatchObject({ ok: true })
    await Promise.all(Array.from({ length: 4 }, () => api.accessToken(key, `${workspaceId}/dev_scout_1`)))
    expect(await session()).toMatchObject({ status: 401, error: { details: { reason: 'revoked' } } })
  })

  it('[ACC-4] refuses a revoked device, and one whose key has ended', async () => {
    const { workspaceId, clientId, key, refused } = await enrolled()
    const next = await api.enroll(workspaceId, 'dev_scout_1')
    expect(await refused({})).toMatchObject({ status: 401, reason: 'revoked', action: 're_enrol' })
    expect((await next.token(api.url, clientId, { at: NOW })).status).toBe(200)
    await api.revoke(workspaceId, 'dev_scout_1')
    expect(await (await next.token(api.url, clientId, { at: NOW })).json()).toMatchObject({
      reason: 'revoked',
    })
    expect(key.thumbprint).not.toBe(next.thumbprint)
  })

  it('[ENR-5][OPS-41] gives an unconfirmed key nothing, until an admin confirms it', async () => {
    const { workspaceId, refused, request, key } = await enrolled()
    const admin = await api.device(workspaceId, 'dev_admin', 'admin')
    await api.superuser(`UPDATE device_keys SET confirmed_at = NULL WHERE thumbprint = '${key.thumbprint}'`)
    expect(await refused({})).toMatchObject({ status: 401, reason: 'unconfirmed', action: 'wait' })
    const confirm = (keyFingerprint: string) =>
      overRest(api.url, {
        operation: 'devices.confirmKey',
        token: admin,
        input: { deviceId: 'dev_scout_1', keyFingerprint },
        key: keyFingerprint,
      })
    expect(await confirm('A'.repeat(43))).toMatchObject({ status: 404 })
    expect(await confirm(key.thumbprint)).toMatchObject({
      ok: true,
      answer: { keyFingerprint: key.thumbprint },
    })
    expect((await request()).status).toBe(200)
  })

  it('[ERR-21] refuses a broken form in the words of OAuth, and never with a 5xx', async () => {
    const { refused } = await enrolled()
    const broken: [Partial<TokenRequest>, number][] = [
      [{ form: { grant_type: 'password' } }, 400],
      [{ form: { client_assertion_type: 'x' } }, 400],
      [{ form: { client_assertion: '' } }, 400],
    ]
    for (const [options, status] of broken)
      expect(await refused(options)).toMatchObject({ status, error: 'invalid_request' })
    const url = `${api.url}${OAUTH_PATHS.token}`
    const json = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    expect(json.status).toBe(415)
    expect(await json.json()).toMatchObject({ error: 'invalid_request' })
    const large = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'x'.repeat(20_000),
    })
    expect(large.status).toBe(413)
    const get = await fetch(url)
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

describe('the metadata', () => {
  it('[OPS-38] names the endpoints and what they support (RFC 8414)', async () => {
    const answer = await fetch(`${api.url}${OAUTH_PATHS.metadata}`)
    expect(await answer.json()).toMatchObject({
      issuer: api.url,
      token_endpoint: `${api.url}/oauth/token`,
      jwks_uri: `${api.url}/oauth/jwks`,
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic', 'client_secret_post'],
      dpop_signing_alg_values_supported: ['ES256'],
      scopes_supported: ['sync', 'read', 'admin', 'weather:live'],
    })
  })

  it('[OPS-38] lists public keys alone', async () => {
    const { keys } = (await (await fetch(`${api.url}${OAUTH_PATHS.jwks}`)).json()) as { keys: object[] }
    expect(keys.length).toBeGreaterThan(0)
    for (const key of keys)
      expect(Object.keys(key).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  })
})
