import { ErrorEnvelope } from '@fieldsync/contracts'
import { openDatabase } from '@fieldsync/db'
import { Runtime, systemClock } from '@fieldsync/services'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'

import { createApp } from './app.ts'
import { allowOrigins } from './cors.ts'
import { type HttpServer, listen } from './http-server.ts'
import { createRateLimiter, ownRates } from './rate-limiter.ts'

const FIELD_APP = 'https://field.example'
const OTHER = 'https://evil.example'

/** The whole HTTP side of a server whose database is unavailable, with a list of origins. */
async function serverAllowing(...origins: string[]) {
  // Nothing listens on port 1.
  const db = openDatabase({ url: 'postgresql://app:pw@127.0.0.1:1/fieldsync' })
  const server = await listen('127.0.0.1', 0, { answerFirst: allowOrigins(origins) })
  onTestFinished(async () => {
    await server.drain(0)
    await db.close()
  })
  const start = (): void =>
    server.serve(
      createApp({
        runtime: new Runtime({ db, pepper: Buffer.alloc(32) }),
        clock: systemClock,
        rateLimiter: createRateLimiter(ownRates(undefined)),
        logger: pino({ level: 'silent' }),
        version: '1.2.3',
        trustProxy: undefined,
      }),
    )
  return { server, start, url: urlOf(server) }
}

const urlOf = ({ address }: HttpServer): string => `http://127.0.0.1:${address.port}`

/** The envelope of an error, in REST or inside a tRPC error. */
function envelopeIn(json: unknown): unknown {
  const trpc = z.object({ error: z.object({ data: z.object({ envelope: z.unknown() }) }) }).safeParse(json)
  return trpc.success ? trpc.data.error.data.envelope : json
}

const preflight = (url: string, origin: string): Promise<Response> =>
  fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-encoding,content-type,idempotency-key,x-device-token',
    },
  })

const corsHeaders = ({ headers }: Response): string[] =>
  [...headers.keys()].filter((name) => name.startsWith('access-control-'))

describe('calls from pages of another origin', () => {
  it.each([
    '/v1/sync/batch',
    '/v1/session',
    '/v1/nowhere',
    '/v1/devices/enroll',
    '/trpc/sync.live',
    '/trpc/observations.list?x=1',
    '/oauth/token',
    '/oauth/jwks',
    '/.well-known/oauth-authorization-server',
  ])('[HDR-7] a preflight of a listed origin for %s is answered, without credentials', async (path) => {
    const { url, start } = await serverAllowing('https://first.example', FIELD_APP)
    start()
    const { status, headers } = await preflight(url + path, FIELD_APP)
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe(FIELD_APP)
    expect(headers.get('access-control-allow-methods')?.split(', ')).toEqual(
      expect.arrayContaining(['GET', 'POST']),
    )
    expect(headers.get('access-control-allow-headers')?.split(', ')).toEqual(
      expect.arrayContaining([
        'authorization',
        'x-device-token',
        'dpop',
        'content-type',
        'content-encoding',
        'idempotency-key',
        'fieldsync-contract',
        'traceparent',
      ]),
    )
    expect(headers.has('access-control-allow-credentials')).toBe(false)
    expect(headers.get('vary')).toMatch(/\borigin\b/)
  })

  it('[HDR-7] are served as usual if their origin is not listed, without CORS headers', async () => {
    for (const listed of [[], [FIELD_APP]]) {
      const { url, start } = await serverAllowing(...listed)
      start()
      // A name that contains a listed one, another scheme and another port are other origins.
      for (const origin of [
        OTHER,
        `${FIELD_APP}.evil.example`,
        'http://field.example',
        `${FIELD_APP}:8443`,
        'null',
      ]) {
        const refused = await preflight(`${url}/v1/sync/batch`, origin)
        expect([refused.status, corsHeaders(refused)]).toEqual([405, []])
        const answer = await fetch(`${url}/v1/openapi.json`, { headers: { origin } })
        expect([answer.status, corsHeaders(answer)]).toEqual([200, []])
        // A cache must not give one origin's answer to another.
        expect(/\borigin\b/.test(answer.headers.get('vary') ?? '')).toBe(listed.length > 0)
      }
    }
  })

  it('[HDR-8] read every answer and its headers: errors, of a server that starts or stops too', async () => {
    const { server, url, start } = await serverAllowing(FIELD_APP)
    const read = async (path: string, init: RequestInit = {}) => {
      const answer = await fetch(url + path, { ...init, headers: { ...init.headers, origin: FIELD_APP } })
      expect(answer.headers.get('access-control-allow-origin')).toBe(FIELD_APP)
      expect(answer.headers.has('access-control-allow-credentials')).toBe(false)
      const exposed = answer.headers.get('access-control-expose-headers')?.split(', ') ?? []
      for (const name of [
        'retry-after',
        'fieldsync-contract',
        'idempotency-replayed',
        'link',
        'x-request-id',
        'www-authenticate',
        'dpop-nonce',
      ])
        expect(exposed).toContain(name)
      // Every header that the API sets of its own can be read.
      const own = [...answer.headers.keys()].filter((name) =>
        /^(x-request|fieldsync|retry|www-|dpop|allow$)/.test(name),
      )
      expect(own.filter((name) => !exposed.includes(name))).toEqual([])
      const json: unknown = await answer.json()
      return [answer.status, answer.ok ? '' : ErrorEnvelope.parse(envelopeIn(json)).error.code]
    }
    expect(await read('/v1/health')).toEqual([503, 'UNAVAILABLE'])
    start()
    expect(await read('/v1/openapi.json')).toEqual([200, ''])
    expect(await read('/v1/nowhere')).toEqual([404, 'NOT_FOUND'])
    expect(await read('/trpc/nowhere')).toEqual([404, 'NOT_FOUND'])
    expect(await read('/v1/session')).toEqual([401, 'AUTH_REQUIRED'])
    expect(await read('/v1/session', { method: 'POST' })).toEqual([405, 'METHOD_NOT_ALLOWED'])
    expect(await read('/v1/sync/batch', { method: 'POST', body: 'x' })).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ])
    expect(await read('/v1/health')).toEqual([503, 'UNAVAILABLE'])
    // An OPTIONS that is not a preflight is a request like any other.
    expect(await read('/v1/session', { method: 'OPTIONS' })).toEqual([405, 'METHOD_NOT_ALLOWED'])
    void server.drain(0)
  })

  it('[HDR-8][HDR-5] an answer that varies with its encoding as well says both', async () => {
    const { url, start } = await serverAllowing(FIELD_APP)
    start()
    const { headers } = await fetch(`${url}/trpc/health`, { headers: { origin: FIELD_APP } })
    expect(headers.get('vary')?.split(', ')).toEqual(expect.arrayContaining(['origin', 'accept-encoding']))
  })

  it('[HDR-7] the pages of the apps are for no other origin', async () => {
    const { url, start } = await serverAllowing(FIELD_APP)
    start()
    for (const path of ['/', '/docs', '/v10/session', '/app/']) {
      expect(corsHeaders(await fetch(url + path, { headers: { origin: FIELD_APP } }))).toEqual([])
    }
  })
})
