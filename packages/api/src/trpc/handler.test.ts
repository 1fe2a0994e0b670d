import { OPERATIONS, SUBSCRIPTIONS } from '@fieldsync/contracts'
import { JsonText } from '@fieldsync/services'
import { observation, syncBatch } from '@fieldsync/testkit'
import { createTRPCClient, httpBatchLink, httpLink, TRPCClientError } from '@trpc/client'
import type { AnyTRPCProcedure } from '@trpc/server'
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'

import { type ApiServer, startApi } from '../testing/api-server.ts'
import { fakeVerbs, NO_RUNTIME, TOKEN } from '../testing/fake-verbs.ts'
import { type RestAnswer, rest } from '../testing/rest-client.ts'
import type { AppRouter } from './app-router.ts'
import { MAX_CALLS } from './handler.ts'
import { appRouter } from './router.ts'

const keys: string[] = []
let server: ApiServer
beforeAll(async () => {
  server = await startApi({
    runtime: NO_RUNTIME,
    verbs: fakeVerbs({
      applyBatch: ({ ctx, input }) => {
        keys.push(ctx.request.idempotencyKey)
        return Promise.resolve({
          document: new JsonText(JSON.stringify({ syncId: input.syncId })),
          replayed: true,
        })
      },
      createObservation: ({ ctx, input }) => {
        keys.push(ctx.request.idempotencyKey)
        return Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false })
      },
      listObservations: ({ input }) =>
        Promise.resolve({
          items: new JsonText('[{"observationId":"obs_20260211_0001"}]'),
          nextCursor: `${input.limit}`,
        }),
    }),
  })
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => keys.splice(0))

const client = (batching = false) => {
  const options = { url: `${server.url}/trpc`, headers: { 'x-device-token': TOKEN } }
  return createTRPCClient<AppRouter>({ links: [batching ? httpBatchLink(options) : httpLink(options)] })
}
const envelope = ({ json }: RestAnswer): unknown =>
  (json as { error: { data: { envelope: { error: unknown } } } }).error.data.envelope.error

describe('tRPC', () => {
  it('[LIV-1] has a procedure of the same kind for every operation and subscription, and no other', () => {
    // tRPC types this as the nested routers; at run time it is flat, by path.
    const { procedures: flat } = appRouter['_def'] as unknown as {
      procedures: Record<string, AnyTRPCProcedure>
    }
    const procedures = Object.entries(flat).map(
      ([
        name,
        {
          ['_def']: { type },
        },
      ]) => `${name}: ${type}`,
    )
    const operations = Object.entries(OPERATIONS).map(
      ([name, { method }]) => `${name}: ${method === 'GET' ? 'query' : 'mutation'}`,
    )
    const subscriptions = Object.keys(SUBSCRIPTIONS).map((name) => `${name}: subscription`)
    expect(procedures.toSorted()).toEqual([...operations, ...subscriptions].toSorted())
  })

  it('answers the value of a stored text, with the types of the contract', async () => {
    const page = await client().observations.list.query({ limit: 7 })
    expect(page).toEqual({ items: [{ observationId: 'obs_20260211_0001' }], nextCursor: '7' })
    expectTypeOf(page.items[0]?.status).toEqualTypeOf<'draft' | 'confirmed' | 'logged' | undefined>()
    expectTypeOf(client().sync.batch.mutate).parameter(0).toHaveProperty('lastKnownServerCursor').toBeString()
    expect((await client().observations.list.query()).nextCursor).toBe('undefined')
    expect((await client().health.query()).status).toBe('ok')
  })

  it('[IDM-1][HDR-1] without the header a syncId is the key of its batch, and a single record is a write of its own', async () => {
    const batch = syncBatch()
    const record = observation()
    await client().sync.batch.mutate(batch)
    for (let i = 0; i < 2; i++) await client().observations.create.mutate(record)
    const [first, ...others] = keys.splice(0)
    expect(first).toBe(batch.syncId)
    expect(new Set([...others, record.observationId]).size).toBe(3)
    const body = JSON.stringify(batch)
    const answer = await rest(`${server.url}/trpc/sync.batch`, {
      body,
      headers: { 'idempotency-key': '"other"' },
    })
    expect(answer.headers.get('idempotency-replayed')).toBe('true')
    expect(keys).toEqual(['other'])
  })

  it('[HDR-1] refuses a key that is none, together with what the body breaks', async () => {
    const body = JSON.stringify({ ...syncBatch(), syncId: 7 })
    const headers = { 'idempotency-key': 'x'.repeat(129) }
    const answer = await rest(`${server.url}/trpc/sync.batch`, { body, headers })
    expect(envelope(answer)).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { issues: [{ path: '/headers/idempotency-key' }, { path: '/syncId' }] },
    })
  })

  it('[ERR-2] gives a client the envelope in error.data', async () => {
    const failure: unknown = await client()
      .weather.get.query({ weatherFeaturesId: 'wxf_20260211_demo_01' })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(TRPCClientError)
    const { data } = failure as TRPCClientError<AppRouter>
    expect(data).toMatchObject({ code: 'NOT_FOUND', httpStatus: 404 })
    expect(data?.envelope.error.code).toBe('NOT_FOUND')
  })

  it('[ERR-2] gives every call of a batch the envelope of a refused request', async () => {
    const stranger = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${server.url}/trpc` })] })
    const calls = await Promise.allSettled([
      stranger.observations.list.query(),
      stranger.playbooks.list.query(),
    ])
    for (const call of calls) {
      expect(call.status === 'rejected' && call.reason.data.envelope.error.code).toBe('AUTH_REQUIRED')
    }
  })

  it('batches calls, each with its own outcome, and spends the rate of each', async () => {
    server.spent.splice(0)
    const { observations, weather } = client(true)
    const [page, missing] = await Promise.allSettled([
      observations.list.query(),
      weather.get.query({ weatherFeaturesId: 'wxf_20260211_demo_01' }),
    ])
    expect([page.status, missing.status]).toEqual(['fulfilled', 'rejected'])
    expect(server.spent).toEqual([{ key: 'device:ws_demo/dev_scout_1', points: 2 }])
  })

  it(`batches at most ${MAX_CALLS} calls`, async () => {
    const path = (count: number) => Array.from({ length: count }, () => 'observations.list').join(',')
    const most = await rest(`${server.url}/trpc/${path(MAX_CALLS)}?batch=1&input={}`)
    expect([most.status, (most.json as unknown[]).length]).toEqual([200, MAX_CALLS])
    const more = await rest(`${server.url}/trpc/${path(MAX_CALLS + 1)}?batch=1&input={}`)
    expect(envelope(more)).toMatchObject({ code: 'VALIDATION_ERROR' })
  })

  it.each([
    ['GET', 'sync.batch', 405, 'METHOD_NOT_ALLOWED'],
    ['POST', 'observations.list', 405, 'METHOD_NOT_ALLOWED'],
    ['PUT', 'observations.list', 405, 'METHOD_NOT_ALLOWED'],
    ['HEAD', 'observations.list', 405, undefined],
    ['GET', 'observations.list,sync.batch?batch=1', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', 'nothing', 404, 'NOT_FOUND'],
    ['GET', '', 404, 'NOT_FOUND'],
    ['GET', 'observations', 404, 'NOT_FOUND'],
    ['GET', '__proto__', 404, 'NOT_FOUND'],
    ['GET', 'toString', 404, 'NOT_FOUND'],
    ['GET', '%zz', 400, 'VALIDATION_ERROR'],
    ['GET', 'observations.list?input={', 400, 'VALIDATION_ERROR'],
    ['GET', 'observations.list?input=%FF', 400, 'VALIDATION_ERROR'],
    ['GET', 'observations.list?input={"limit":1}&input={}', 400, 'VALIDATION_ERROR'],
    ['GET', 'observations.list?connectionParams=x', 400, 'VALIDATION_ERROR'],
    ['GET', 'observations.list?x=1', 400, 'VALIDATION_ERROR'],
    ['GET', 'observations.list?batch=1&input=7', 400, 'VALIDATION_ERROR'],
    ['POST', 'sync.batch?batch=2', 400, 'VALIDATION_ERROR'],
  ])('[ERR-1] %s %s is %i %s', async (method, path, status, code) => {
    const answer = await rest(`${server.url}/trpc/${path}`, { method })
    expect(answer.status).toBe(status)
    if (code !== undefined) {
      expect(answer.text).toContain(`"code":"${code}"`)
      expect(answer.text).toContain(`"requestId":"${answer.headers.get('x-request-id')}"`)
    }
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([])
  })

  it.each(['', '[', '{}{}', 'null', '[]', '"x"', '1e999', '{"__proto__":{"a":1}}', '['.repeat(100_000)])(
    '[ERR-1] the body %.20j is a VALIDATION_ERROR',
    async (body) => {
      for (const path of ['sync.batch', 'sync.batch,observations.create?batch=1']) {
        const answer = await rest(`${server.url}/trpc/${path}`, { method: 'POST', body })
        expect([answer.status, path]).toEqual([400, path])
        expect(answer.text).toContain('"code":"VALIDATION_ERROR"')
      }
    },
  )

  it('does not stream what is no subscription: a client that asks for it gets JSON', async () => {
    const headers = { 'trpc-accept': 'application/jsonl' }
    const { status, headers: sent } = await rest(`${server.url}/trpc/health?batch=1&input={}`, { headers })
    expect([status, sent.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
  })
})
