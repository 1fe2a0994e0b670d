import { CONTRACT_VERSION, MINIMUM_CONTRACT_VERSION } from '@fieldsync/contracts'
import { ServiceError } from '@fieldsync/services'
import { observation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { RateKey } from './core/api-options.ts'
import { startApi } from './testing/api-server.ts'
import { fakeVerbs, NO_RUNTIME, TOKEN } from './testing/fake-verbs.ts'
import { rawConnection } from './testing/raw-http.ts'
import { envelopeOf, rest } from './testing/rest-client.ts'

const LIMITS = { maxBytes: 4096, maxRecords: 1 }
const GOOD = JSON.stringify(syncBatch())
const limitedBy = (limited: (key: RateKey) => boolean) => ({
  consume: (key: RateKey) =>
    limited(key) ? ({ ok: false, retryAfterSeconds: 7 } as const) : ({ ok: true } as const),
})

/** Requests in which one more check fails than in the next, so that each answer names the first failing check. */
const STEPS = [
  { code: 'PAYLOAD_TOO_LARGE', type: 'text/plain', token: 'wrong', body: `[${' '.repeat(LIMITS.maxBytes)}` },
  { code: 'UNSUPPORTED_MEDIA_TYPE', type: 'text/plain', token: 'wrong', body: '[' },
  { code: 'CONTRACT_UNSUPPORTED', type: 'application/json', token: 'wrong', body: '[' },
  { code: 'AUTH_REQUIRED', type: 'application/json', token: 'wrong', body: '[', contract: '1.0.0' },
  { code: 'RATE_LIMITED', type: 'application/json', token: TOKEN, body: '[', contract: '1.999.0' },
] satisfies { code: string; type: string; token: string; body: string; contract?: string }[]

describe.each(['/v1/sync/batch', '/trpc/sync.batch'])('order of checks at %s', (path) => {
  it.each(STEPS)('[ERR-4] $code', async ({ code, type, token, body, contract = '0.9.0' }) => {
    await using server = await startApi({
      runtime: NO_RUNTIME,
      verbs: fakeVerbs(),
      limits: LIMITS,
      rateLimiter: limitedBy((key) => key === 'device:ws_demo/dev_scout_1'),
    })
    const answer = await rest(`${server.url}${path}`, {
      body,
      headers: { 'content-type': type, 'x-device-token': token, 'fieldsync-contract': contract },
    })
    expect(answer.json).toMatchObject(
      path.startsWith('/trpc') ? { error: { data: { envelope: { error: { code } } } } } : { error: { code } },
    )
  })

  it.each([
    ['VALIDATION_ERROR', JSON.stringify({ upserts: { observations: [1, 2] } })],
    ['PAYLOAD_TOO_LARGE', JSON.stringify({ ...syncBatch({ observations: [observation(), observation()] }) })],
    ['CURSOR_INVALID', GOOD],
  ])('[ERR-4] then %s', async (code, body) => {
    const refuse = (): Promise<never> => Promise.reject(new ServiceError('CURSOR_INVALID', 'From the verb.'))
    await using server = await startApi({
      runtime: NO_RUNTIME,
      verbs: fakeVerbs({ applyBatch: refuse }),
      limits: LIMITS,
    })
    const answer = await rest(`${server.url}${path}`, { body })
    expect(JSON.stringify(answer.json)).toContain(`"code":"${code}"`)
  })
})

describe('an announced contract', () => {
  it.each([
    ['0.9.0', 'client_older'],
    ['2.0.0', 'client_newer'],
  ])('[ERR-23][HDR-9] %s is refused over both doors: %s', async (contract, reason) => {
    await using server = await startApi({ runtime: NO_RUNTIME, verbs: fakeVerbs() })
    const headers = { 'fieldsync-contract': contract }
    const error = {
      code: 'CONTRACT_UNSUPPORTED',
      retryable: false,
      details: { reason, minimum: MINIMUM_CONTRACT_VERSION, maximum: CONTRACT_VERSION },
    }
    const answer = await rest(`${server.url}/v1/session`, { headers })
    expect(answer.status).toBe(409)
    expect(envelopeOf(answer)).toMatchObject(error)
    const twin = await rest(`${server.url}/trpc/session.get`, { headers })
    expect(twin.json).toMatchObject({ error: { data: { httpStatus: 409, envelope: { error } } } })
    const stream = await rest(`${server.url}/trpc/sync.live`, { headers })
    expect(stream.status).toBe(409)
    expect((await rest(`${server.url}/v1/health`, { headers })).status).toBe(200)
    expect((await rest(`${server.url}/trpc/health`, { headers })).status).toBe(200)
  })

  it.each(['1.0.0', '1.3.0', CONTRACT_VERSION, '1.999.0', 'no version', ''])(
    '[HDR-4][HDR-9] %j is served',
    async (contract) => {
      await using server = await startApi({ runtime: NO_RUNTIME, verbs: fakeVerbs() })
      const headers = { 'fieldsync-contract': contract, 'x-device-token': 'wrong' }
      expect((await rest(`${server.url}/v1/session`, { headers })).status).toBe(401)
    },
  )
})

describe('the credential', () => {
  it('[ERR-4] is checked before any of the body has arrived', async () => {
    await using server = await startApi({ runtime: NO_RUNTIME, verbs: fakeVerbs() })
    await using connection = await rawConnection(server.port)
    connection.write(
      'POST /v1/sync/batch HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n',
    )
    expect(await connection.answer()).toMatchObject({ status: 401 })
  })

  it('[ACC-1] is required by every operation but health and the OpenAPI document', async () => {
    await using server = await startApi({ runtime: NO_RUNTIME, verbs: fakeVerbs() })
    const anonymous = { headers: { 'x-device-token': '' } }
    expect((await rest(`${server.url}/v1/health`, anonymous)).status).toBe(200)
    expect((await rest(`${server.url}/v1/openapi.json`, anonymous)).status).toBe(200)
    const answer = await rest(`${server.url}/v1/observations`, anonymous)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="fieldsync", DPoP algs="ES256"')
    expect(envelopeOf(answer)).toMatchObject({ code: 'AUTH_REQUIRED', details: { reason: 'missing' } })
  })

  it.each([
    ['another scheme', { authorization: 'Basic dTpw' }],
    ['a bearer that is not known', { authorization: 'Bearer wrong' }],
    ['a bearer without a token', { authorization: 'Bearer' }],
  ])('[ACC-2] %s is never passed over for the device token', async (_case, headers) => {
    await using server = await startApi({ runtime: NO_RUNTIME, verbs: fakeVerbs() })
    const answer = await rest(`${server.url}/v1/observations`, { headers })
    expect(envelopeOf(answer)).toMatchObject({ code: 'AUTH_REQUIRED', details: { reason: 'invalid' } })
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"')
  })

  it('[ACC-2] may come as a bearer', async () => {
    await using server = await startApi({ runtime: NO_RUNTIME, verbs: fakeVerbs() })
    const headers = { 'x-device-token': '', authorization: `bearer ${TOKEN}` }
    expect((await rest(`${server.url}/v1/observations`, { headers })).status).toBe(200)
  })

  it('[ACC-2] given twice is refused, whichever is right', async () => {
    await using server = await startApi({ runtime: NO_RUNTIME, verbs: fakeVerbs() })
    for (const name of ['Authorization: Bearer ', 'X-Device-Token: ']) {
      await using connection = await rawConnection(server.port)
      connection.write(
        `GET /v1/observations HTTP/1.1\r\nHost: test\r\n${name}${TOKEN}\r\n${name}other\r\n\r\n`,
      )
      expect(await connection.answer()).toMatchObject({ status: 401 })
    }
  })
})

describe('the rate', () => {
  it('[ERR-18] of failed credentials is counted by address, and does not lock out a good one', async () => {
    await using server = await startApi({
      runtime: NO_RUNTIME,
      verbs: fakeVerbs(),
      rateLimiter: limitedBy((key) => key.startsWith('failed-credential:127.0.0.1')),
    })
    const bad = await rest(`${server.url}/v1/observations`, { headers: { 'x-device-token': 'wrong' } })
    expect(bad.status).toBe(429)
    expect(bad.headers.get('retry-after')).toBe('7')
    expect(envelopeOf(bad)).toMatchObject({ code: 'RATE_LIMITED', retryable: true })
    expect((await rest(`${server.url}/v1/observations`)).status).toBe(200)
  })

  it('[AUD-6] a refused credential is logged while its address is within its rate, and never with the token', async () => {
    let left = 1
    await using server = await startApi({
      runtime: NO_RUNTIME,
      verbs: fakeVerbs(),
      rateLimiter: limitedBy(() => left-- <= 0),
    })
    const wrong = { headers: { 'x-device-token': 'canary-token' } }
    await rest(`${server.url}/v1/observations`, wrong)
    await rest(`${server.url}/v1/observations`, wrong)
    expect(server.log).toEqual([{ level: 'warn', fields: expect.objectContaining({ reason: 'invalid' }) }])
    expect(JSON.stringify(server.log)).not.toContain('canary')
  })
})
