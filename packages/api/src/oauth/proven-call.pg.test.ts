import { OPERATIONS, type OperationName, TOKEN_AUDIENCES } from '@fieldsync/contracts'
import {
  device,
  DeviceKey,
  forgedJws,
  type KeyRequest,
  observation,
  seededRandom,
  seededRuns,
  syncBatch,
} from '@fieldsync/testkit'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'

import { NOW, realApi } from '../testing/real-api.ts'

const api = await realApi()
const SESSION = `${api.url}/v1/session`
const BATCH = `${api.url}/v1/sync/batch`

async function caller(scope?: string, role: 'scout' | 'admin' = 'scout') {
  const workspaceId = await api.workspace()
  const key = await api.enroll(workspaceId, 'dev_scout_1', role)
  const clientId = `${workspaceId}/dev_scout_1`
  return { workspaceId, clientId, key, accessToken: await api.accessToken(key, clientId, scope) }
}

const batchOf = (count: number): string =>
  JSON.stringify(
    syncBatch({
      device: device({ deviceId: 'dev_scout_1' }),
      observations: Array.from({ length: count }, () => observation({ deviceId: 'dev_scout_1' })),
    }),
  )

const send = (key: DeviceKey, accessToken: string, body: string, options: KeyRequest = {}) =>
  key.send(BATCH, { accessToken, body, ...options, headers: { 'idempotency-key': 'k', ...options.headers } })

const stored = async (workspaceId: string): Promise<number> => {
  const token = await api.device(workspaceId, `dev_reader_${Date.now()}`, 'viewer')
  const answer = await fetch(`${api.url}/v1/observations`, { headers: { 'x-device-token': token } })
  return ((await answer.json()) as unknown[]).length
}

const refusalOf = async (answer: Response) => {
  const { error } = (await answer.json()) as { error: { code: string; details: object } }
  return { status: answer.status, code: error.code, ...error.details }
}
const refused = (reason: string, action: string) => ({ status: 401, code: 'AUTH_REQUIRED', reason, action })

describe('a call with an access token', () => {
  it('[ACC-15] is answered where the proof is for this request, in REST and tRPC', async () => {
    const { workspaceId, key, accessToken } = await caller()
    expect(await (await key.send(SESSION, { accessToken })).json()).toMatchObject({
      workspace: { workspaceId },
      deviceId: 'dev_scout_1',
    })
    expect((await key.send(`${SESSION}?`, { accessToken })).status).toBe(200)
    expect((await send(key, accessToken, batchOf(1))).status).toBe(200)
    const pull = syncBatch({ device: device({ deviceId: 'dev_scout_1' }) })
    const trpc = await key.send(`${api.url}/trpc/sync.batch`, { accessToken, body: JSON.stringify(pull) })
    expect(trpc.status).toBe(200)
    expect(await stored(workspaceId)).toBe(1)
  })

  it('[ACC-15] every answer carries the nonce for the next proof, and a refusal says what it is about', async () => {
    const { key, accessToken } = await caller()
    for (const path of ['/v1/health', '/v1/nowhere', '/trpc/nowhere', '/oauth/token', '/oauth/jwks'])
      expect((await fetch(`${api.url}${path}`)).headers.get('dpop-nonce')).toMatch(/^[0-9a-z]+\.[\w-]{22}$/)
    const answer = await key.send(SESSION, { accessToken, proof: { nonce: '' } })
    expect(answer.headers.get('www-authenticate')).toBe('DPoP algs="ES256", error="use_dpop_nonce"')
    expect(await refusalOf(answer)).toEqual(refused('nonce', 'retry_with_nonce'))
  })

  it('[ACC-15] is refused for any proof that is not for it, before its body is parsed, and stores nothing', async () => {
    const { workspaceId, key, accessToken } = await caller()
    const other = await DeviceKey.generate()
    const body = batchOf(2)
    const invalid = refused('proof_invalid', 'new_proof')
    const cases: [what: string, options: KeyRequest, expected: object][] = [
      ['no proof', { headers: { dpop: '' } }, invalid],
      ['two proofs', { headers: { dpop: 'a.b.c, d.e.f' } }, invalid],
      ['another method', { proof: { method: 'PUT' } }, invalid],
      ['another path', { proof: { url: SESSION } }, invalid],
      ['another server', { proof: { url: BATCH.replace('127.0.0.1', 'else.example') } }, invalid],
      ['another port', { proof: { url: BATCH.replace(/:\d+/, ':1') } }, invalid],
      ['another token', { proof: { accessToken: `${accessToken}x` } }, invalid],
      ['no token', { proof: { accessToken: undefined } }, invalid],
      ['another body', { proof: { body: batchOf(2) } }, invalid],
      ['no body', { proof: { body: undefined } }, invalid],
      [
        'an unknown nonce',
        { proof: { nonce: `zzzzzz.${'A'.repeat(22)}` } },
        refused('nonce', 'retry_with_nonce'),
      ],
      ['no jti', { proof: { claims: { jti: undefined } } }, invalid],
      ['another type', { proof: { header: { typ: 'at+jwt' } } }, invalid],
      ['another key in it', { proof: { header: { jwk: other.publicJwk } } }, invalid],
      [
        'a private key in it',
        { proof: { header: { jwk: { ...key.publicJwk, d: 'A'.repeat(43) } } } },
        invalid,
      ],
      ['a key that is none', { proof: { header: { jwk: { kty: 'oct', k: 'AAAA' } } } }, invalid],
      ['an unknown critical header', { proof: { header: { crit: ['b64'], b64: true } } }, invalid],
    ]
    for (const [what, options, expected] of cases) {
      const answer = await send(key, accessToken, body, options)
      expect([what, answer.status]).toEqual([what, 401])
      expect([what, await refusalOf(answer)]).toEqual([what, expected])
    }
    const broken = await send(key, accessToken, '{"not json', { proof: { body: '{}' } })
    expect(await refusalOf(broken)).toEqual(invalid)
    expect(await stored(workspaceId)).toBe(0)
  })

  it('[ACC-16] is refused for a token that is not its key’s, not this server’s, or sent as Bearer', async () => {
    const { key, accessToken } = await caller()
    const other = await caller()
    const alone = { method: 'GET' }
    const expectRefused = async (answer: Response, expected: object) =>
      expect(await refusalOf(answer)).toEqual(expected)
    const binding = refused('binding', 'new_token')
    await expectRefused(await key.send(SESSION, { accessToken: other.accessToken }), binding)
    const bearer = { authorization: `Bearer ${accessToken}` }
    await expectRefused(await fetch(SESSION, { ...alone, headers: bearer }), binding)
    await expectRefused(await key.send(SESSION, { accessToken, headers: bearer }), binding)
    await expectRefused(await fetch(SESSION, { headers: { 'x-device-token': accessToken } }), binding)
    const claims = decodeJwt(accessToken)
    const forged = await key.sign(claims, { typ: 'at+jwt', kid: 'none' })
    const invalid = refused('invalid', 'authenticate')
    await expectRefused(await key.send(SESSION, { accessToken: forged }), invalid)
    await expectRefused(await key.send(SESSION, { accessToken: `${accessToken.slice(0, -4)}AAAA` }), invalid)
  })

  it('[ACC-2] of two credentials both must verify, and name the same device', async () => {
    const { workspaceId, key, accessToken } = await caller()
    const token = await api.device(workspaceId, 'dev_scout_2', 'scout')
    const both = await key.send(SESSION, { accessToken, headers: { 'x-device-token': token } })
    expect(await refusalOf(both)).toMatchObject({ status: 403, reason: 'credential_mismatch' })
    const unknown = await key.send(SESSION, { accessToken, headers: { 'x-device-token': 'unknown' } })
    expect(await refusalOf(unknown)).toEqual(refused('invalid', 'authenticate'))
    const fallback = await key.send(SESSION, {
      accessToken: 'x.y.z',
      headers: { 'x-device-token': token },
    })
    expect(await refusalOf(fallback)).toEqual(refused('invalid', 'authenticate'))
  })

  it('[ACC-17] 50 uses of one proof at once have one effect', async () => {
    const { workspaceId, key, accessToken } = await caller()
    await key.send(SESSION, { accessToken })
    const body = batchOf(1)
    const proof = await key.proof({ method: 'POST', url: BATCH, accessToken, body })
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        fetch(BATCH, {
          method: 'POST',
          headers: {
            authorization: `DPoP ${accessToken}`,
            dpop: proof,
            'content-type': 'application/json',
            'idempotency-key': `k-${i}`,
          },
          body,
        }),
      ),
    )
    const accepted = answers.filter(({ status }) => status === 200)
    expect(accepted).toHaveLength(1)
    const rejected = answers.find(({ status }) => status !== 200)
    expect(rejected && (await refusalOf(rejected))).toEqual(refused('replayed', 'new_proof'))
    expect(await stored(workspaceId)).toBe(1)
  })

  it('[ACC-4] of a revoked device is refused on its next request, also by a server that remembers it', async () => {
    const { workspaceId, key, accessToken } = await caller()
    expect((await send(key, accessToken, batchOf(0))).status).toBe(200)
    await api.revoke(workspaceId, 'dev_scout_1')
    const gone = refused('revoked', 're_enrol')
    expect(await refusalOf(await send(key, accessToken, batchOf(1)))).toEqual(gone)
    expect(await refusalOf(await key.send(SESSION, { accessToken }))).toEqual(gone)
    // Enrolled again with the same key: the token from before does not come back.
    const code = await api.enrollmentCode(workspaceId, 'dev_scout_1')
    expect((await key.enroll(api.url, code)).status).toBe(200)
    expect(await refusalOf(await key.send(SESSION, { accessToken }))).toEqual(refused('expired', 'new_token'))
    expect(await refusalOf(await send(key, accessToken, batchOf(0)))).toEqual(refused('expired', 'new_token'))
  })

  it('[ACC-15] names key and proof in the audit entry', async () => {
    const { workspaceId, key, accessToken } = await caller()
    await send(key, accessToken, batchOf(1))
    const admin = await api.device(workspaceId, 'dev_admin', 'admin')
    const answer = await fetch(`${api.url}/v1/audit`, { headers: { 'x-device-token': admin } })
    const entries = (await answer.json()) as { action: string; actor: Record<string, unknown> }[]
    for (const action of ['device.enroll', 'device.start_key', 'sync.batch']) {
      const entry = entries.find((each) => each.action === action)
      expect([action, entry?.actor]).toMatchObject([
        action,
        { kind: 'device', deviceId: 'dev_scout_1', keyFingerprint: key.thumbprint },
      ])
    }
  })
})

/** Written out: which scopes allow what. */
const OF_OWN_KEY = ['devices.upgrade', 'devices.rotateKey']
const SYNC = new Set([
  'sync.batch',
  'session.get',
  'observations.create',
  'recommendations.generate',
  'playbooks.applyPatch',
  'playbooks.create',
  'playbooks.publish',
  'playbooks.rollBack',
  'playbooks.retire',
  'proposals.approve',
  'proposals.reject',
  'proposals.withdraw',
  'grants.revoke',
  ...OF_OWN_KEY,
])
const isAdministration = (name: OperationName): boolean =>
  name.startsWith('services.') ||
  name.startsWith('people.') ||
  ['security.list', 'audit.acknowledgeLoss', 'observations.erase'].includes(name) ||
  (name.startsWith('devices.') && OPERATIONS[name].method === 'POST' && !OF_OWN_KEY.includes(name))
type ApiScope = (typeof TOKEN_AUDIENCES.api.scopes)[number]
const ALLOWED: Readonly<Record<ApiScope, (name: OperationName) => boolean>> = {
  sync: (name) => SYNC.has(name),
  read: (name) => OPERATIONS[name].method === 'GET' && !isAdministration(name),
  admin: (name) =>
    isAdministration(name) ||
    name.startsWith('grants.') ||
    ['session.get', 'workspace.settings', 'workspace.changeSettings'].includes(name),
}

describe.each(TOKEN_AUDIENCES.api.scopes)('an access token for %s', async (scope) => {
  const { key, accessToken } = await caller(scope, 'admin')
  // Live weather has an audience of its own.
  const names = (Object.keys(OPERATIONS) as OperationName[]).filter((name) => name !== 'weather.live')

  it.each(names.filter((name) => OPERATIONS[name].right !== 'none'))('[ACC-19] and %s', async (name) => {
    const { method } = OPERATIONS[name]
    const answer = await key.send(`${api.url}/trpc/${name}`, {
      accessToken,
      ...(method === 'POST' ? { body: '{}' } : {}),
    })
    const body = (await answer.json()) as { error?: { data: { envelope: { error: { details?: object } } } } }
    const details = body.error?.data.envelope.error.details
    const isOutOfScope = answer.status === 403 && JSON.stringify(details) === '{"reason":"scope"}'
    expect(isOutOfScope).toBe(!ALLOWED[scope](name))
  })

  it('[ACC-19] and live pokes', async () => {
    const controller = new AbortController()
    const url = `${api.url}/trpc/sync.live`
    const dpop = await key.proof({ method: 'GET', url, accessToken })
    const answer = await fetch(url, {
      headers: { authorization: `DPoP ${accessToken}`, dpop, accept: 'text/event-stream' },
      signal: controller.signal,
    })
    expect(answer.status).toBe(scope === 'admin' ? 403 : 200)
    controller.abort()
  })
})

it('[ACC-16] an access token has expired after ten minutes, and its device gets another', async () => {
  const { clientId, key, accessToken } = await caller()
  api.clock.time = new Date(NOW.getTime() + 601_000)
  try {
    // The nonce is still known: it is the token that is too old.
    expect(await refusalOf(await key.send(SESSION, { accessToken }))).toEqual(refused('expired', 'new_token'))
    const answer = await key.token(api.url, clientId, { at: api.clock.time })
    const next = ((await answer.json()) as { access_token: string }).access_token
    expect((await key.send(SESSION, { accessToken: next })).status).toBe(200)
  } finally {
    api.clock.time = NOW
  }
})

it('[ACC-15][ACC-16] none of 1,000 forged tokens and proofs is accepted over HTTP, nor ends in a 5xx', async () => {
  const { workspaceId, key, accessToken } = await caller()
  const other = await caller()
  const rng = seededRandom(seededRuns().seed)
  const statuses = new Map<number, number>()
  const count = (status: number) => statuses.set(status, (statuses.get(status) ?? 0) + 1)
  for (let i = 0; i < 500; i++) {
    const body = batchOf(1)
    const signed = await key.proof({ method: 'POST', url: BATCH, accessToken, body })
    const knows = { publicJwk: key.publicJwk, others: [other.accessToken] }
    const forgedToken = headerText(forgedJws(rng, accessToken, knows))
    const forgedProof = headerText(
      forgedJws(rng, signed, { ...knows, others: [await key.proof({ method: 'POST', url: BATCH })] }),
    )
    const withToken = await key.send(BATCH, { accessToken: forgedToken, body })
    count(withToken.status)
    const withProof = await send(key, accessToken, body, { headers: { dpop: forgedProof } })
    count(withProof.status)
  }
  expect([...statuses.keys()].filter((status) => status !== 401 && status !== 429)).toEqual([])
  expect(await stored(workspaceId)).toBe(0)
})

/** What can be in a header at all, and is one word. */
const headerText = (text: string): string => encodeURIComponent(text).slice(0, 12_000) || 'x'
