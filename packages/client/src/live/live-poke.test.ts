import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { LIVE_SILENCE_MS } from '@fieldsync/contracts'
import { describe, expect, it, onTestFinished } from 'vitest'

import type { CredentialProvider } from '../credentials/credential-provider.ts'
import { FieldsyncError } from '../errors/fieldsync-error.ts'
import { NetworkError } from '../errors/network-error.ts'
import type { LinkOptions } from '../http/server-link.ts'
import { TIME_LIMITS } from '../http/time-limits.ts'
import { Arrivals } from '../testing/arrivals.ts'
import { localServer } from '../testing/local-server.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { testLink } from '../testing/test-link.ts'
import { createLivePoke } from './live-poke.ts'

const CONNECTED = 'event: connected\ndata: {}\n\n'
const POKE = 'data: {"type":"poke"}\n\n'
const PING = 'event: ping\ndata: \n\n'
/** Pauses are exactly three quarters of their maximum. */
const MIDDLE = { next: () => 0.5 }

const errorData = (code: string, retryable: boolean, details?: unknown) => ({
  code: -32001,
  message: code,
  data: {
    envelope: {
      requestId: 'r',
      timestamp: 't',
      error: { code, message: code, retryable, traceId: 't', details },
    },
  },
})

type Connection = { request: IncomingMessage; response: ServerResponse; closed: Promise<unknown> }

/** A client that follows a server whose messages a test sends. */
async function following(options: Partial<LinkOptions> = {}) {
  const connections = new Arrivals<Connection>()
  const url = await localServer((request, response) =>
    connections.add({ request, response, closed: once(response, 'close') }),
  )
  const clock = new ManualClock()
  const link = testLink({ url, clock, ...options })
  const pokes = new Arrivals<'poke'>()
  const stop = createLivePoke(link, MIDDLE).subscribe(() => pokes.add('poke'))
  onTestFinished(stop)
  const accept = async (): Promise<Connection> => {
    const connection = await connections.next()
    connection.response.writeHead(200, { 'content-type': 'text/event-stream' }).write(CONNECTED)
    await pokes.next()
    return connection
  }
  /** Resolves in the pause before the next connection, with its length. */
  const pause = async (): Promise<number> => {
    for (;;) {
      // The pause is the only timer there is between two connections.
      const { nextIn } = clock
      if (nextIn !== undefined && nextIn !== LIVE_SILENCE_MS && nextIn !== TIME_LIMITS.answerMs) return nextIn
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { clock, link, connections, pokes, stop, accept, pause }
}

describe('live pokes', () => {
  it('[LIV-10] are passed on after every connect and for every word, and for nothing else', async () => {
    const { accept, pokes } = await following()
    const { request, response } = await accept()
    expect([request.method, request.url]).toEqual(['GET', '/trpc/sync.live'])
    expect(request.headers['x-device-token']).toBe('token-of-a-test')
    response.write(
      `${PING}event: news\ndata: {"type":"poke"}\n\ndata: {"type":"wave"}\n\ndata: nonsense\n\n: comment\n\n`,
    )
    response.write('data: {"type":')
    response.write('"poke"}\n\n')
    await pokes.next()
    response.write(POKE + POKE)
    await pokes.next()
    await pokes.next()
    expect(pokes.size).toBe(0)
  })

  it('[LIV-10] go on after the connection was cut, with longer pauses while attempts fail', async () => {
    const { clock, connections, accept, pause } = await following()
    const first = await accept()
    first.response.write(PING)
    first.response.destroy()
    const pauses: number[] = []
    for (let each = 0; each < 4; each++) {
      pauses.push(await pause())
      clock.advance(pauses.at(-1) ?? 0)
      const { response } = await connections.next()
      response.destroy()
    }
    pauses.push(await pause())
    expect(pauses.slice(1)).toEqual([1500, 3000, 6000, 12_000])
    clock.advance(12_000)
    const last = await accept()
    last.response.write(POKE)
    last.response.end()
    expect(await pause()).toBeLessThanOrEqual(1500)
  })

  it('[LIV-4] do not trust a connection that says nothing for a minute', async () => {
    const { clock, accept, pause } = await following()
    const { response, closed } = await accept()
    clock.advance(LIVE_SILENCE_MS - 1)
    response.write(PING)
    await expect.poll(() => clock.nextIn).toBe(LIVE_SILENCE_MS)
    clock.advance(LIVE_SILENCE_MS)
    await closed
    clock.advance(await pause())
    await accept()
  })

  it('[LIV-10] give a server up that does not even begin to answer, as behind a proxy that buffers', async () => {
    const { clock, connections, pause } = await following()
    const { closed } = await connections.next()
    clock.advance(TIME_LIMITS.answerMs)
    await closed
    expect(await pause()).toBe(750)
    clock.advance(750)
    const headOnly = await connections.next()
    headOnly.response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    await expect.poll(() => clock.nextIn).toBe(LIVE_SILENCE_MS)
    clock.advance(LIVE_SILENCE_MS)
    await headOnly.closed
    expect(await pause()).toBe(1500)
  })

  it('[LIV-10] come back when the server wants it', async () => {
    const { clock, connections, accept, pause } = await following()
    const refused = await connections.next()
    refused.response
      .writeHead(503, { 'retry-after': '30', 'content-type': 'application/json' })
      .end(JSON.stringify({ error: errorData('UNAVAILABLE', true) }))
    expect(await pause()).toBe(30_750)
    clock.advance(30_750)
    const drained = await accept()
    drained.response.end(
      `retry: 2500\nevent: serialized-error\ndata: ${JSON.stringify(errorData('UNAVAILABLE', true))}\n\n`,
    )
    expect(await pause()).toBe(2500 + 750)
  })

  it('[LIV-10] ask rarely where the server has no such thing', async () => {
    const { connections, pause } = await following()
    const { response } = await connections.next()
    response.writeHead(404).end(JSON.stringify({ error: errorData('NOT_FOUND', false) }))
    expect(await pause()).toBe(900_750)
  })

  it('[LIV-10] are lost for as long as the platform is offline, and are there at once when it is back', async () => {
    let online = false
    let setOnline = (_online: boolean): void => undefined
    const connectivity = {
      isOnline: () => online,
      onChange: (listener: (online: boolean) => void) => {
        setOnline = listener
        return () => undefined
      },
    }
    const { connections, accept } = await following({ connectivity })
    const change = (to: boolean): void => {
      online = to
      setOnline(to)
    }
    expect(connections.size).toBe(0)
    change(true)
    const { closed } = await accept()
    change(false)
    await closed
    change(true)
    await accept()
  })

  it('end with the subscription, and say nothing after it', async () => {
    const { stop, accept, pokes, connections, clock } = await following()
    const { response, closed } = await accept()
    response.write(POKE)
    stop()
    await closed
    clock.advance(3_600_000)
    await new Promise((resolve) => setImmediate(resolve))
    expect([pokes.size, connections.size, clock.nextIn]).toEqual([0, 0, undefined])
  })

  it('do without where a platform’s fetch gives no body piece by piece', async () => {
    const whole = {
      status: 200,
      headers: new Headers(),
      body: null,
      text: () => new Promise(() => undefined),
    }
    const { pause } = await following({ fetch: () => Promise.resolve(whole as unknown as Response) })
    expect(await pause()).toBe(750)
  })
})

describe('a refused credential', () => {
  const unauthorized = (response: ServerResponse, action: string) =>
    response
      .writeHead(401)
      .end(JSON.stringify({ error: errorData('AUTH_REQUIRED', false, { reason: 'expired', action }) }))

  /** The tokens of a provider, the first in use. */
  function tokens(...values: string[]) {
    const asked: string[] = []
    const credentials: CredentialProvider = {
      headers: () => ({ authorization: `Bearer ${values[0]}` }),
      renew: (action) => {
        asked.push(action)
        if (values.length > 1) values.shift()
        else return Promise.resolve(false)
        return Promise.resolve(true)
      },
    }
    return { credentials, asked }
  }

  it('[LIV-10] is renewed as the server says, and tried at once', async () => {
    const { credentials, asked } = tokens('old', 'new')
    const { connections, accept } = await following({ credentials })
    unauthorized((await connections.next()).response, 'new_token')
    const { request } = await accept()
    expect([request.headers.authorization, asked]).toEqual(['Bearer new', ['new_token']])
  })

  it('[LIV-10] is not renewed over and over without a pause', async () => {
    const { credentials } = tokens('one', 'two', 'three')
    const { connections, pause } = await following({ credentials })
    for (let each = 0; each < 2; each++) unauthorized((await connections.next()).response, 'new_token')
    expect(await pause()).toBeGreaterThan(1000)
  })

  it('[LIV-10, ENG-28] is tried at once after each further action, until there is a sign of life once each', async () => {
    const { credentials, asked } = tokens('a', 'b', 'c', 'd', 'e', 'f')
    const { clock, connections, accept, pause } = await following({ credentials })
    for (const action of ['retry_with_nonce', 'new_token', 'sync_clock'])
      unauthorized((await connections.next()).response, action)
    unauthorized((await connections.next()).response, 'new_token')
    const long = await pause()
    expect(long).toBeGreaterThan(900_000)
    clock.advance(long)
    const { response } = await accept()
    response.end(PING)
    clock.advance(await pause())
    unauthorized((await connections.next()).response, 'new_token')
    await accept()
    expect(asked).toEqual(['retry_with_nonce', 'new_token', 'sync_clock', 'new_token', 'new_token'])
  })

  it('[LIV-10] sees the headers of each answer, of streams and of refusals', async () => {
    const nonces: (string | null)[] = []
    const credentials: CredentialProvider = {
      ...tokens('one', 'two').credentials,
      answered: ({ headers, serverTime }) => nonces.push(headers.get('dpop-nonce'), String(serverTime)),
    }
    const { connections, pokes } = await following({ credentials })
    const refusal = await connections.next()
    refusal.response.setHeader('dpop-nonce', 'of a refusal')
    unauthorized(refusal.response, 'new_token')
    const { response } = await connections.next()
    response.writeHead(200, { 'content-type': 'text/event-stream', 'dpop-nonce': 'of a stream' })
    response.write(CONNECTED)
    await pokes.next()
    expect(nonces).toEqual(['of a refusal', 'undefined', 'of a stream', 'undefined'])
  })

  it.each([
    [
      'that is missing, of which the engine is notified',
      new FieldsyncError('AUTH_REQUIRED', {
        status: 401,
        code: 'AUTH_REQUIRED',
        message: 'revoked',
        retryable: false,
        requestId: '',
        traceId: '',
        retryAfterMs: undefined,
        details: { reason: 'revoked', action: 're_enrol' },
      }),
      1,
      900_750,
    ],
    [
      'that cannot be fetched for now, for as long as it takes',
      new NetworkError('busy', 'busy', { retryAfterMs: 70_000 }),
      0,
      70_750,
    ],
  ])('[LIV-10] %s: no connection without one', async (_, error, pokesBefore, waits) => {
    const credentials: CredentialProvider = {
      headers: () => Promise.reject(error),
      renew: () => Promise.resolve(false),
    }
    const { pokes, connections, pause } = await following({ credentials })
    expect(await pause()).toBe(waits)
    expect([pokes.size, connections.size]).toEqual([pokesBefore, 0])
  })

  it('[LIV-10] that cannot be renewed for now is tried again later, and nobody has to do anything', async () => {
    const credentials: CredentialProvider = {
      headers: () => ({}),
      renew: () => Promise.reject(new NetworkError('unreachable', 'no network')),
    }
    const { connections, pause, pokes } = await following({ credentials })
    unauthorized((await connections.next()).response, 'new_token')
    expect(await pause()).toBeGreaterThan(900_000)
    expect(pokes.size).toBe(0)
  })

  it('[LIV-10] that cannot be renewed is left to the engine, until there is another', async () => {
    const { credentials, asked } = tokens('revoked')
    const { link, pokes, accept, pause } = await following({ credentials })
    const { response } = await accept()
    const data = JSON.stringify(errorData('AUTH_REQUIRED', false, { reason: 'revoked', action: 're_enrol' }))
    response.end(`event: serialized-error\ndata: ${data}\n\n`)
    // The engine finds out by its own calls.
    await pokes.next()
    expect(asked).toEqual(['re_enrol'])
    expect(await pause()).toBeGreaterThan(900_000)
    link.renewals.changed()
    await accept()
  })
})
