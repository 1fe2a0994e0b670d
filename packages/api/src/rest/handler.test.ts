import { CONTRACT_VERSION } from '@fieldsync/contracts'
import { JsonText } from '@fieldsync/services'
import { observation, playbookPatch, syncBatch } from '@fieldsync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type ApiServer, startApi } from '../testing/api-server.ts'
import { fakeVerbs, NO_RUNTIME } from '../testing/fake-verbs.ts'
import { envelopeOf, rest, type RestAnswer } from '../testing/rest-client.ts'

const keys: string[] = []
const retired: string[] = []
/** Three pages, by the cursor of each. */
const NEXT: Readonly<Record<string, string>> = { '': 'next/1 &', 'next/1 &': 'next2' }
const verbs = fakeVerbs({
  createObservation: ({ ctx, input }) => {
    keys.push(ctx.request.idempotencyKey)
    return Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: keys.length > 1 })
  },
  retirePlaybook: () => {
    retired.push(retired.length === 0 ? '{"newVersion":4}' : '{"proposalId":"prp_1"}')
    return Promise.resolve({ document: new JsonText(retired.at(-1) ?? ''), replayed: retired.length > 2 })
  },
  // The text is the database's: white space, key order and number format are its own.
  getObservation: () => Promise.resolve(new JsonText('{"b" : 1.50, "a":"é"}')),
  listObservations: ({ input }) =>
    Promise.resolve({ items: new JsonText('[ ]'), nextCursor: NEXT[input.cursor ?? ''] ?? null }),
  listAudit: ({ input }) =>
    Promise.resolve({ items: new JsonText(JSON.stringify([input])), nextCursor: null }),
})
let server: ApiServer
let url: string
beforeAll(async () => {
  server = await startApi({ runtime: NO_RUNTIME, verbs })
  url = server.url
})
afterAll(() => server[Symbol.asyncDispose]())

describe('answers', () => {
  it('[SHP-9] stored text is sent unchanged', async () => {
    const { text, headers } = await rest(`${url}/v1/observations/obs_20260211_0001`)
    expect(text).toBe('{"b" : 1.50, "a":"é"}')
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it('[HDR-3] carries the request id, and errors the trace id of traceparent', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const answer = await rest(`${url}/v1/nowhere`, { headers: { traceparent, 'x-request-id': 'mine' } })
    expect(answer.headers.get('x-request-id')).toBe('mine')
    expect(envelopeOf(answer).traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
  })

  it('[HDR-4] announces the contract version, on an answer, an error and an answer without a body', async () => {
    const announced = async (path: string, headers = {}) =>
      (await fetch(`${url}${path}`, { headers })).headers.get('fieldsync-contract')
    expect(await announced('/v1/observations/obs_20260211_0001')).toBe(CONTRACT_VERSION)
    expect(await announced('/v1/nowhere')).toBe(CONTRACT_VERSION)
    expect(await announced('/trpc/nowhere')).toBe(CONTRACT_VERSION)
    const { headers } = await fetch(`${url}/v1/openapi.json`)
    const etag = headers.get('etag') ?? ''
    expect(await announced('/v1/openapi.json', { 'if-none-match': etag })).toBe(CONTRACT_VERSION)
    // No version of this major one is refused, and none that cannot be read.
    for (const version of ['1.0.0', '1.999.0', 'nonsense']) {
      const answer = await rest(`${url}/v1/observations/obs_20260211_0001`, {
        headers: { 'fieldsync-contract': version },
      })
      expect(answer.status).toBe(200)
    }
  })

  it('[PUB-10] a change that waits for a second person is answered with 202, in a replay too', async () => {
    const { playbookId } = playbookPatch()
    const body = JSON.stringify({ playbookId, baseVersion: 3, reason: 'As agreed' })
    const post = () => rest(`${url}/v1/playbooks/${playbookId}:retire`, { body })
    const answers = [await post(), await post(), await post()]
    expect(answers.map(({ status }) => status)).toEqual([200, 202, 202])
    expect(answers.map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, null, 'true'])
  })

  it('[OPS-33] a patch may also be posted to the path of the original contract, with no other method', async () => {
    const patch = playbookPatch()
    const post = (path: string) => rest(`${url}${path}`, { body: JSON.stringify(patch) })
    const answers = [
      await post(`/v1/playbooks/${patch.playbookId}/patches:apply`),
      await post(`/v1/playbooks/${patch.playbookId}/patches`),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(answers[1]?.text).toBe(answers[0]?.text)
    const other = await post('/v1/playbooks/pbk_other/patches')
    expect([other.status, envelopeOf(other).code]).toEqual([400, 'VALIDATION_ERROR'])
    const got = await rest(`${url}/v1/playbooks/${patch.playbookId}/patches`)
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST'])
  })

  it('[OPS-5][IDM-2] a create is 201, and a replay says so', async () => {
    const call = { body: JSON.stringify(observation()) }
    const first = await rest(`${url}/v1/observations`, call)
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([201, null])
    const again = await rest(`${url}/v1/observations`, { ...call, headers: { 'idempotency-key': '"key-1"' } })
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true'])
    expect(keys).toEqual(['key-1', 'key-1'])
  })

  it('[OPS-17] a list names its next page, and keeps the rest of the query', async () => {
    const first = await rest(`${url}/v1/observations?limit=5`)
    const link = first.headers.get('link')
    expect(link).toBe('</v1/observations?limit=5&cursor=next%2F1+%26>; rel="next"')
    const next = (answer: RestAnswer) => rest(`${url}${/<(.*)>/.exec(answer.headers.get('link') ?? '')?.[1]}`)
    const second = await next(first)
    expect(second.headers.get('link')).toBe('</v1/observations?limit=5&cursor=next2>; rel="next"')
    const last = await next(second)
    expect([last.status, last.headers.get('link')]).toEqual([200, null])
  })

  it('[OPS-17] links are absolute where the server knows its address', async () => {
    await using known = await startApi({
      runtime: NO_RUNTIME,
      verbs,
      publicUrl: 'https://fields.example/sync',
    })
    const { headers } = await rest(`${known.url}/v1/observations`)
    expect(headers.get('link')).toBe(
      '<https://fields.example/sync/v1/observations?cursor=next%2F1+%26>; rel="next"',
    )
  })

  it('HEAD answers as GET without the body', async () => {
    const get = await rest(`${url}/v1/observations/obs_20260211_0001`)
    const head = await rest(`${url}/v1/observations/obs_20260211_0001`, { method: 'HEAD' })
    expect([head.status, head.text]).toEqual([200, ''])
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'))
  })
})

describe('addresses', () => {
  it.each([
    '/v1',
    '/v1/nowhere',
    '/v1/sync',
    '/v1/sync/batch/',
    '/v1/Observations',
    '/v1/playbooks/pbk_yolo_grape/patches/apply',
    '/v1/playbooks/pbk_yolo_grape/patchesXapply',
    '/v1//health',
  ])('[ERR-11] %s is no address', async (path) => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await rest(`${url}${path}`, { method })
      expect(answer.status).toBe(404)
      expect(envelopeOf(answer).code).toBe('NOT_FOUND')
    }
  })

  it.each([
    ['/v1/health', 'GET, HEAD'],
    ['/v1/openapi.json', 'GET, HEAD'],
    ['/v1/sync/batch', 'POST'],
    ['/v1/playbooks/pbk_yolo_grape/patches:apply', 'POST'],
    ['/v1/observations', 'POST, GET, HEAD'],
    ['/v1/observations/obs_20260211_0001', 'GET, HEAD'],
  ])('[ERR-12] %s answers other methods with Allow: %s', async (path, allow) => {
    const known = allow.split(', ')
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter(
      (one) => !known.includes(one),
    )) {
      const answer = await rest(`${url}${path}`, { method })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow])
      expect(envelopeOf(answer).code).toBe('METHOD_NOT_ALLOWED')
    }
  })

  it.each([
    ['/v1/observations/obs_1', '/observationId'],
    ['/v1/observations/%00', '/observationId'],
    ['/v1/observations/obs_20260211_0001%2Fcorrections', '/observationId'],
    ['/v1/observations/OBS_20260211_0001/corrections', '/observationId'],
    ['/v1/playbooks/pbk_%F0%9F%8D%87', '/playbookId'],
    ['/v1/weather/wxf_1', '/weatherFeaturesId'],
    ['/v1/patches/__proto__', '/patchId'],
    ['/v1/observations/%zz', ''],
  ])('[IDS-2] %s breaks the format of its id', async (path, pointer) => {
    const answer = await rest(`${url}${path}`)
    expect(answer.status).toBe(400)
    expect(envelopeOf(answer).details).toEqual({ issues: [{ path: pointer, message: expect.any(String) }] })
  })
})

describe('queries', () => {
  it('reads numbers from digits only', async () => {
    expect((await rest(`${url}/v1/audit?limit=20&after=12.0`)).json).toEqual([{ limit: 20, after: '12.0' }])
    for (const limit of [
      '',
      '0',
      '501',
      '-1',
      '1.0',
      '1e2',
      '0x10',
      '+5',
      '%205',
      'five',
      '99999999999999999999',
    ]) {
      const answer = await rest(`${url}/v1/audit?limit=${limit}`)
      expect([answer.status, limit]).toEqual([400, limit])
      expect(envelopeOf(answer).details).toMatchObject({ issues: [{ path: '/limit' }] })
    }
  })

  it.each([
    ['/v1/audit?limit=1&limit=1', '/limit'],
    ['/v1/audit?color=red', '/color'],
    ['/v1/audit?__proto__=1', '/__proto__'],
    ['/v1/health?x', '/x'],
    ['/v1/observations/obs_20260211_0001?observationId=obs_20260211_0001', '/observationId'],
  ])('refuses %s', async (path, pointer) => {
    const answer = await rest(`${url}${path}`)
    expect(answer.status).toBe(400)
    expect(envelopeOf(answer).details).toEqual({ issues: [{ path: pointer, message: expect.any(String) }] })
  })
})

describe('all breaches at once', () => {
  it('[HDR-1][ERR-4] names a missing key among the breaches of the body', async () => {
    const body = JSON.stringify({ ...syncBatch(), syncId: '', color: 'red' })
    const answer = await rest(`${url}/v1/sync/batch?x=1`, { body, headers: { 'idempotency-key': '' } })
    expect(envelopeOf(answer).details).toEqual({
      issues: [
        { path: '/headers/idempotency-key', message: 'is required' },
        { path: '/x', message: 'is not a known query key' },
        { path: '/syncId', message: expect.any(String) },
        { path: '/color', message: 'is not a known key' },
      ],
    })
  })

  it('[HDR-1] refuses a right body without its key', async () => {
    const answer = await rest(`${url}/v1/sync/batch`, {
      body: JSON.stringify(syncBatch()),
      headers: { 'idempotency-key': '' },
    })
    expect(envelopeOf(answer).details).toEqual({
      issues: [{ path: '/headers/idempotency-key', message: 'is required' }],
    })
  })

  it('[OPS-13] refuses a patch whose playbook is not that of the path', async () => {
    const path = `${url}/v1/playbooks/pbk_other/patches:apply`
    const answer = await rest(path, { body: JSON.stringify(playbookPatch()) })
    expect(envelopeOf(answer).details).toEqual({
      issues: [{ path: '/playbookId', message: expect.any(String) }],
    })
    const same = `${url}/v1/playbooks/pbk_yolo_grape/patches:apply`
    expect((await rest(same, { body: JSON.stringify(playbookPatch()) })).status).toBe(200)
  })
})
