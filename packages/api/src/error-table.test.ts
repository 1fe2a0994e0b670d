import { ERROR_CODES, ERROR_TABLE, type ErrorCode, ErrorEnvelope } from '@fieldsync/contracts'
import { openDatabase } from '@fieldsync/db'
import { Runtime, ServiceError } from '@fieldsync/services'
import { syncBatch } from '@fieldsync/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { type ApiServer, startApi } from './testing/api-server.ts'
import { fakeVerbs, NO_RUNTIME } from './testing/fake-verbs.ts'
import { envelopeOf, rest } from './testing/rest-client.ts'

let thrown: unknown
const throws = (): Promise<never> => Promise.reject(thrown)
let server: ApiServer
beforeAll(async () => {
  server = await startApi({
    runtime: NO_RUNTIME,
    verbs: fakeVerbs({ getWeather: throws, checkHealth: throws }),
    clock: { now: () => new Date('2026-02-11T18:00:00Z') },
  })
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => server.log.splice(0))

const overRest = () => rest(`${server.url}/v1/weather/wxf_20260211_demo_01`)
const overTrpc = async () => {
  const input = encodeURIComponent(JSON.stringify({ weatherFeaturesId: 'wxf_20260211_demo_01' }))
  return await rest(`${server.url}/trpc/weather.get?input=${input}`)
}
const refusal = (code: ErrorCode) =>
  new ServiceError(code, 'What a person reads.', {
    details:
      code === 'METHOD_NOT_ALLOWED' ? { allow: ['GET'] } : { reason: 'role', nested: [1, { deep: null }] },
    retryAfterSeconds: 2.4,
  })

describe('the error table', () => {
  it.each(ERROR_CODES)('[ERR-1][ERR-2][ERR-3] %s is one envelope over both doors', async (code) => {
    thrown = refusal(code)
    const { status, retryable } = ERROR_TABLE[code]
    const answer = await overRest()
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    const { traceId, ...error } = envelopeOf(answer)
    expect(traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(error).toEqual({
      code,
      message: 'What a person reads.',
      retryable,
      details: refusal(code).details,
    })
    expect(answer.json).toMatchObject({ timestamp: '2026-02-11T18:00:00.000Z' })

    const twin = await overTrpc()
    expect(twin.status).toBe(status)
    expect(twin.json).toEqual({
      error: {
        code: expect.any(Number),
        message: 'What a person reads.',
        data: {
          code: expect.any(String),
          httpStatus: status,
          path: 'weather.get',
          envelope: expect.anything(),
        },
      },
    })
    const { data } = (twin.json as { error: { data: { envelope: unknown } } }).error
    const envelope = ErrorEnvelope.parse(data.envelope)
    expect(envelope.requestId).toBe(twin.headers.get('x-request-id'))
    expect({ ...envelope.error, traceId }).toEqual({ traceId, ...error })
  })

  it.each(['RATE_LIMITED', 'UNAVAILABLE'] as const)(
    '[ERR-18][ERR-19] %s says when to come back',
    async (code) => {
      thrown = refusal(code)
      expect((await overRest()).headers.get('retry-after')).toBe('3')
      thrown = new ServiceError(code, 'Without a time.')
      expect((await overRest()).headers.get('retry-after')).toBe('1')
    },
  )

  it('[OPS-1] health is 503 while the database is away', async () => {
    thrown = refusal('UNAVAILABLE')
    const answer = await rest(`${server.url}/v1/health`)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '3'])
  })

  it('[ERR-19][OPS-1] an unreachable database is 503 with Retry-After on every transport', async () => {
    const db = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/nowhere' })
    await using away = await startApi({ runtime: new Runtime({ db, pepper: Buffer.alloc(32) }) })
    const body = JSON.stringify(syncBatch())
    const calls = [
      rest(`${away.url}/v1/health`),
      rest(`${away.url}/v1/sync/batch`, { body }),
      rest(`${away.url}/trpc/sync.batch`, { body }),
    ]
    for (const { status, headers, text } of await Promise.all(calls)) {
      expect([status, headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^[1-9]/)])
      expect(text).toContain('"code":"UNAVAILABLE"')
    }
    expect(away.log).toEqual([])
    await db.close()
  })

  it('[ERR-20] a bug on the way to a verb reveals nothing either', async () => {
    const consume = (): never => {
      throw new Error('canary')
    }
    await using broken = await startApi({ runtime: NO_RUNTIME, verbs: fakeVerbs(), rateLimiter: { consume } })
    for (const path of ['/v1/observations', '/trpc/observations.list']) {
      const { status, text } = await rest(`${broken.url}${path}`)
      expect(status).toBe(500)
      expect(text).toContain('"code":"INTERNAL_ERROR"')
      expect(text).not.toContain('canary')
    }
    expect(broken.log).toHaveLength(2)
  })

  it.each([
    ['an error', new TypeError('canary: relation "observations" does not exist')],
    ['an error with a status of its own', Object.assign(new Error('canary'), { status: 400, expose: true })],
    ['a string', 'canary'],
    ['nothing', undefined],
  ])(
    '[ERR-20] %s becomes an INTERNAL_ERROR that reveals nothing and is logged with its cause',
    async (_case, bug) => {
      thrown = bug
      const [answer, twin] = [await overRest(), await overTrpc()]
      for (const { status, text } of [answer, twin]) {
        expect(status).toBe(500)
        expect(text).not.toContain('canary')
        expect(text).not.toContain('node_modules')
      }
      const { message, traceId } = envelopeOf(answer)
      expect(message).toBe('The server encountered an unexpected error')
      expect(server.log).toHaveLength(2)
      const [line] = server.log
      expect(line).toMatchObject({ level: 'error', fields: { traceId, operation: 'getWeather' } })
      if (bug instanceof Error) expect(line?.fields['err']).toBe(bug)
    },
  )
})
