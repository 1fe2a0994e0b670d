import { type AuthenticatedActor, ServiceError } from '@fieldsync/services'
import { openLive } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { RateKey } from '../core/api-options.ts'
import type { Verbs } from '../core/verbs.ts'
import { startApi } from '../testing/api-server.ts'
import { fakeVerbs, NO_RUNTIME, TOKEN } from '../testing/fake-verbs.ts'
import { rest } from '../testing/rest-client.ts'

async function* pokes(count: number, end?: Error): AsyncGenerator<{ type: 'poke' }> {
  for (let each = 0; each < count; each++) yield { type: 'poke' }
  if (end) throw end
}

const following = (followWorkspace: Verbs['followWorkspace']) =>
  startApi({ runtime: NO_RUNTIME, verbs: fakeVerbs({ followWorkspace }) })

describe('a subscription', () => {
  it('[LIV-1] streams what the verb says, for the caller of its credential', async () => {
    const callers: AuthenticatedActor[] = []
    await using server = await following(({ ctx }) => {
      callers.push(ctx.actor)
      return Promise.resolve(pokes(2))
    })
    await using stream = await openLive({ url: server.url, token: TOKEN })
    const events = [await stream.next(), await stream.next(), await stream.next(), await stream.next()]
    expect(events.map((event) => event?.event)).toEqual(['connected', 'message', 'message', 'return'])
    expect(events[1]?.data).toBe('{"type":"poke"}')
    expect(await stream.next()).toBeUndefined()
    expect(callers).toMatchObject([{ workspaceId: 'ws_demo', deviceId: 'dev_scout_1' }])
    expect(server.spent).toEqual([{ key: 'device:ws_demo/dev_scout_1', points: 1 }])
  })

  it('[LIV-1, ERR-2] ends in the envelope of what ended it, and reveals nothing of a bug', async () => {
    const revoked = new ServiceError('AUTH_REQUIRED', 'Revoked.', { details: { reason: 'revoked' } })
    for (const [end, code] of [
      [revoked, 'AUTH_REQUIRED'],
      [new Error('canary'), 'INTERNAL_ERROR'],
    ] as const) {
      await using server = await following(() => Promise.resolve(pokes(0, end)))
      await using stream = await openLive({ url: server.url, token: TOKEN })
      await stream.next()
      const last = await stream.next()
      expect(last?.event).toBe('serialized-error')
      expect(JSON.parse(last?.data ?? '')).toMatchObject({
        data: { path: 'sync.live', envelope: { error: { code } } },
      })
      expect(last?.data).not.toContain('canary')
    }
  })

  it.each([
    ['FORBIDDEN', 403],
    ['UNAVAILABLE', 503],
  ] as const)(
    '[LIV-1, LIV-6] %s before the stream has begun is an answer like any other',
    async (code, status) => {
      await using server = await following(() =>
        Promise.reject(new ServiceError(code, 'No.', { retryAfterSeconds: 30 })),
      )
      const answer = await rest(`${server.url}/trpc/sync.live`)
      expect(answer.status).toBe(status)
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
      expect(answer.headers.get('retry-after')).toBe(status === 503 ? '30' : null)
      expect(answer.json).toMatchObject({ error: { data: { envelope: { error: { code } } } } })
    },
  )

  it.each([
    ['POST', 'sync.live', 405, 'METHOD_NOT_ALLOWED'],
    ['HEAD', 'sync.live', 405, undefined],
    ['GET', 'sync.live?batch=1', 400, 'VALIDATION_ERROR'],
    ['GET', 'sync.live,sync.live?batch=1', 400, 'VALIDATION_ERROR'],
    ['GET', 'observations.list,sync.live?batch=1', 400, 'VALIDATION_ERROR'],
    ['GET', 'sync.live,nothing', 404, 'NOT_FOUND'],
    ['GET', 'sync.live?input={', 400, 'VALIDATION_ERROR'],
    ['GET', 'sync.live?input={"color":"red"}', 400, 'VALIDATION_ERROR'],
    ['GET', 'sync.live?input=[]', 400, 'VALIDATION_ERROR'],
    ['GET', 'sync.live?lastEventId=7', 400, 'VALIDATION_ERROR'],
  ])('[LIV-1, ERR-1] %s %s is %i %s', async (method, path, status, code) => {
    await using server = await following(() => Promise.resolve(pokes(0)))
    const answer = await rest(`${server.url}/trpc/${path}`, { method })
    expect(answer.status).toBe(status)
    if (code !== undefined) expect(answer.text).toContain(`"code":"${code}"`)
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('[LIV-1, ERR-4] is refused by credential, then rate, then contract, in this order', async () => {
    const limited = (limit: (key: RateKey) => boolean) => ({
      rateLimiter: {
        consume: (key: RateKey) =>
          limit(key) ? ({ ok: false, retryAfterSeconds: 7 } as const) : ({ ok: true } as const),
      },
    })
    const steps = [
      ['AUTH_REQUIRED', '?input={', 'wrong', true],
      ['RATE_LIMITED', '?input={', TOKEN, true],
      ['VALIDATION_ERROR', '?input={', TOKEN, false],
      ['NOT_FOUND', '', TOKEN, false],
    ] as const
    for (const [code, query, token, full] of steps) {
      await using server = await startApi({
        runtime: NO_RUNTIME,
        verbs: fakeVerbs(),
        ...limited((key) => full && key.startsWith('device:')),
      })
      const headers = { 'x-device-token': token }
      const answer = await rest(`${server.url}/trpc/sync.live${query}`, { headers })
      expect(answer.json).toMatchObject({ error: { data: { envelope: { error: { code } } } } })
    }
  })
})
