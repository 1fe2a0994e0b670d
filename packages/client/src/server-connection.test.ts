import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

import { CONTRACT_HEADER, CONTRACT_VERSION } from '@fieldsync/contracts'
import type { Tabs } from '@fieldsync/sync-engine'
import { describe, expect, it, onTestFinished } from 'vitest'

import { type CredentialProvider, deviceToken } from './credentials/credential-provider.ts'
import { type ConnectionOptions, connectServer } from './server-connection.ts'
import { Arrivals } from './testing/arrivals.ts'
import { localServer } from './testing/local-server.ts'

type Request = { call: string; headers: IncomingMessage['headers']; body: string }
type Answer = { status?: number; headers?: Record<string, string>; body: string }

const result = (data: unknown): Answer => ({ body: JSON.stringify({ result: { data } }) })
const refusal = (status: number, code: string, details?: object): Answer => ({
  status,
  body: JSON.stringify({
    requestId: 'req_1',
    error: { code, message: `It is ${code}.`, retryable: false, traceId: 'trace_1', details },
  }),
})

/** A connection to a server that gives these answers in turn, the last one to everything after it. */
async function connect(answers: readonly Answer[], options: Partial<ConnectionOptions> = {}, path = '') {
  const seen: Request[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    const next = answers[Math.min(seen.length, answers.length - 1)] ?? { body: '' }
    seen.push({ call: `${request.method} ${request.url}`, headers: request.headers, body })
    response.writeHead(next.status ?? 200, next.headers).end(next.body)
  }
  const url = await localServer((request, response) => void answer(request, response))
  const server = connectServer({ url: `${url}${path}`, credentials: deviceToken('token-1'), ...options })
  return { ...server, seen, url }
}

/** The error that a call rejects with. */
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => new Error('it did not reject'),
    (error: unknown) => error,
  )

const signal = new AbortController().signal

describe('typed calls', () => {
  it('[OPS-19, HDR-4] read by GET and write by POST, with the credential and the contract version', async () => {
    const { api, seen } = await connect([result({ items: [], nextCursor: null })])
    expect(await api.observations.list.query({ limit: 5 })).toEqual({ items: [], nextCursor: null })
    await api.devices.revoke.mutate({ deviceId: 'dev_scout_1' })
    expect(seen).toMatchObject([
      { call: `GET /trpc/observations.list?input=${encodeURIComponent('{"limit":5}')}`, body: '' },
      { call: 'POST /trpc/devices.revoke', body: '{"deviceId":"dev_scout_1"}' },
    ])
    const announced = { 'x-device-token': 'token-1', [CONTRACT_HEADER]: CONTRACT_VERSION }
    expect(seen.map(({ headers }) => headers)).toMatchObject([announced, announced])
    expect(seen[1]?.headers['content-type']).toBe('application/json')
  })

  it('[ERR-1] reject with the refusal, whatever its status', async () => {
    const { api, seen } = await connect([
      refusal(404, 'NOT_FOUND'),
      refusal(403, 'FORBIDDEN', { reason: 'role' }),
    ])
    const missing = await errorOf(api.session.get.query())
    expect(missing).toMatchObject({
      name: 'FieldsyncError',
      code: 'NOT_FOUND',
      status: 404,
      traceId: 'trace_1',
    })
    const forbidden = await errorOf(api.overview.get.query())
    expect(forbidden).toMatchObject({
      code: 'FORBIDDEN',
      details: { reason: 'role' },
      message: 'It is FORBIDDEN.',
    })
    expect(seen).toHaveLength(2)
  })

  it.each<[string, Answer]>([
    ['a page', { body: '<html>Welcome to our network</html>' }],
    ['an error page', { status: 502, body: '<html>Bad gateway</html>' }],
    ['JSON of another server', { status: 404, body: '{"error":"no such route"}' }],
    ['nothing', { status: 204, body: '' }],
    ['several addresses to choose from', { status: 300, body: '{"result":{"data":1}}' }],
  ])('report a server that is not ours by its status: %s', async (_, answer) => {
    const { api } = await connect([answer])
    const status = answer.status ?? 200
    expect(await errorOf(api.health.query())).toMatchObject({
      name: 'NetworkError',
      kind: 'not_ours',
      status,
      message: `A server that is not Fieldsync answered ${status}.`,
    })
  })

  it('[ACC-1] renew a refused credential as the server says, and are sent once more', async () => {
    const asked: string[] = []
    let token = 'old'
    const credentials: CredentialProvider = {
      headers: () => ({ 'x-device-token': token }),
      renew: (action) => {
        asked.push(action)
        token = 'new'
        return Promise.resolve(asked.length < 3)
      },
    }
    const expired = refusal(401, 'AUTH_REQUIRED', { reason: 'expired', action: 'new_token' })
    const unnamed = refusal(401, 'AUTH_REQUIRED')
    const { api, seen } = await connect([expired, result('ok'), unnamed, unnamed, unnamed], { credentials })
    expect(await api.health.query()).toBe('ok')
    expect(seen.map(({ headers }) => headers['x-device-token'])).toEqual(['old', 'new'])
    // One that is refused again is not renewed again, and one that only a person can renew is not sent again.
    expect(await errorOf(api.health.query())).toMatchObject({ code: 'AUTH_REQUIRED' })
    expect(await errorOf(api.health.query())).toMatchObject({ code: 'AUTH_REQUIRED' })
    expect(asked).toEqual(['new_token', 'authenticate', 'authenticate'])
    expect(seen).toHaveLength(5)
  })

  it('can be aborted, before they are sent and while they wait', async () => {
    const { api, seen } = await connect([result('ok')])
    const gone = AbortSignal.abort()
    const aborted = {
      name: 'NetworkError',
      kind: 'aborted',
      message: 'The call was aborted.',
      retryable: false,
    }
    expect(await errorOf(api.health.query(undefined, { signal: gone }))).toMatchObject(aborted)
    expect(seen).toEqual([])
    const waiting = new AbortController()
    const slow = await connect([result('ok')], {
      fetch: () => {
        waiting.abort()
        return new Promise(() => undefined)
      },
    })
    expect(await errorOf(slow.api.health.query(undefined, { signal: waiting.signal }))).toMatchObject(aborted)
  })

  it('can be passed through async code before they are called', async () => {
    const { api } = await connect([result('ok')])
    expect(await Promise.resolve(api)).toBe(api)
  })

  it('say whether there is no network or no server', async () => {
    const fetch = () => Promise.reject(new TypeError('fetch failed'))
    const there = await connect([], { fetch })
    expect(await errorOf(there.api.health.query())).toMatchObject({ kind: 'unreachable', retryable: true })
    const connectivity = { isOnline: () => false, onChange: () => () => undefined }
    const offline = await connect([], { fetch, connectivity })
    expect(await errorOf(offline.api.health.query())).toMatchObject({
      kind: 'offline',
      message: 'There is no network.',
      cause: { cause: { message: 'fetch failed' } },
    })
  })
})

describe('the engine’s transport', () => {
  it('[HDR-1, HDR-4] sends a batch with its key, and returns status, bytes and what the headers say', async () => {
    const { transport, seen, url } = await connect([
      { status: 429, headers: { 'retry-after': '7', [CONTRACT_HEADER]: '1.3.0' }, body: '{"any":"bytes"}' },
      { body: '{}' },
    ])
    expect(transport.address).toBe(url)
    const batch = { idempotencyKey: 'key-1', body: '{"a":1}', signal }
    expect(await transport.syncBatch(batch)).toEqual({
      status: 429,
      body: '{"any":"bytes"}',
      retryAfterMs: 7000,
      contract: '1.3.0',
      uncompressed: false,
    })
    expect(await transport.syncBatch(batch)).toStrictEqual({ status: 200, body: '{}', uncompressed: false })
    expect(seen[0]).toMatchObject({
      call: 'POST /v1/sync/batch',
      body: '{"a":1}',
      headers: {
        'idempotency-key': 'key-1',
        'x-device-token': 'token-1',
        [CONTRACT_HEADER]: CONTRACT_VERSION,
      },
    })
  })

  it('[OPS-20] asks for the session', async () => {
    const { transport, seen } = await connect([{ headers: { [CONTRACT_HEADER]: '1.4.0' }, body: '{}' }])
    expect(await transport.session({ signal })).toEqual({ status: 200, body: '{}', contract: '1.4.0' })
    expect(seen).toMatchObject([{ call: 'GET /v1/session', headers: { 'x-device-token': 'token-1' } }])
  })

  it('returns a refused credential to the engine, which decides about it', async () => {
    const { transport, seen } = await connect([refusal(401, 'AUTH_REQUIRED')], {
      credentials: {
        headers: () => ({}),
        renew: () => Promise.reject(new Error('nothing is to be renewed')),
      },
    })
    expect(await transport.syncBatch({ idempotencyKey: 'k', body: '{}', signal })).toMatchObject({
      status: 401,
    })
    expect(seen).toHaveLength(1)
  })
})

describe('a connection', () => {
  it.each(['', '/', '//'])('[ENG-22] is to the same address with %j at its end', async (end) => {
    const { transport, url } = await connect([], {}, end)
    expect(transport.address).toBe(url)
  })

  it('retains a path prefix, and neither query nor fragment', async () => {
    const { transport, api, seen, url } = await connect([result('ok')], {}, '/farm/sync/?token=x#top')
    expect(transport.address).toBe(`${url}/farm/sync`)
    await api.health.query()
    expect(seen).toMatchObject([{ call: 'GET /farm/sync/trpc/health' }])
  })

  it.each(['ftp://sync.example.com', 'file:///etc/hosts'])('is not made to %s', (url) => {
    expect(() => connectServer({ url, credentials: deviceToken('t') })).toThrow(
      'The url of a server must begin with https:// or http://',
    )
  })

  it('renews once for all that share it', async () => {
    const asked: string[] = []
    const renew = (action: string) => Promise.resolve(asked.push(action) > 0)
    const { credentials } = await connect([], { credentials: { headers: () => ({}), renew } })
    expect(await Promise.all([credentials.renew('new_token'), credentials.renew('new_token')])).toEqual([
      true,
      true,
    ])
    expect(asked).toEqual(['new_token'])
  })

  it.each([
    ['[LIV-11] share one stream under the name of server and credential', 'name-1'],
    ['[LIV-11] have a stream of their own where the credential has no name', undefined],
  ])('the tabs of a browser %s', async (_, name) => {
    const names = new Arrivals<string>()
    const tabs: Tabs = {
      isVisible: () => true,
      channel: (channel) => {
        names.add(channel)
        return { post: () => undefined, close: () => undefined }
      },
      alone: () => new Promise(() => undefined),
    }
    const credentials: CredentialProvider = {
      ...(name === undefined ? {} : { name }),
      headers: () => ({}),
      renew: () => Promise.resolve(false),
    }
    const { poke, url } = await connect([], { tabs, credentials })
    onTestFinished(poke.subscribe(() => undefined))
    onTestFinished(poke.subscribe(() => undefined))
    const [one, other] = [await names.next(), await names.next()]
    if (name === undefined) expect(one).not.toBe(other)
    else expect([one, other]).toEqual([`fieldsync-live-${name} ${url}`, `fieldsync-live-${name} ${url}`])
  })

  it('[LIV-10] reconnects its stream at once when a person has given a new credential', async () => {
    const { seen, ...server } = await connect([refusal(401, 'AUTH_REQUIRED')])
    const pokes = new Arrivals<'poke'>()
    onTestFinished(server.poke.subscribe(() => pokes.add('poke')))
    // The refused credential is reported to the engine; then the stream waits for a quarter of an hour.
    await pokes.next()
    server.credentialsChanged()
    await pokes.next()
    expect(seen.map(({ call }) => call)).toEqual(['GET /trpc/sync.live', 'GET /trpc/sync.live'])
  })
})
