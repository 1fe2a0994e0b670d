import type { ServerResponse } from 'node:http'

import { describe, expect, it } from 'vitest'

import type { NetworkErrorKind } from '../errors/network-error.ts'
import { Arrivals } from '../testing/arrivals.ts'
import { type Handler, localServer } from '../testing/local-server.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { exchange } from './exchange.ts'
import type { HttpRequest } from './fetch.ts'
import { TIME_LIMITS } from './time-limits.ts'

const get = (url: string): HttpRequest => ({ method: 'GET', url, headers: {} })
const failsAs = (kind: NetworkErrorKind) => expect.objectContaining({ name: 'NetworkError', kind })

/** A server whose answers are sent by the test. */
function holding() {
  const held = new Arrivals<ServerResponse>()
  const handler: Handler = (_request, response) => held.add(response)
  return { handler, next: () => held.next() }
}

const setup = (clock = new ManualClock()) => ({
  clock,
  fetch: (url: string, init: RequestInit) => fetch(url, init),
  limits: TIME_LIMITS,
})

describe('an exchange', () => {
  it('gives the whole answer, whatever its status', async () => {
    const url = await localServer((request, response) => {
      response
        .writeHead(503, { 'retry-after': '3' })
        .end(`é ${request.method} ${String(request.headers['x-own'])}`)
    })
    const answer = await exchange(setup(), { ...get(url), headers: { 'x-own': 'yes' } })
    expect(answer).toMatchObject({ status: 503, text: 'é GET yes' })
    expect(answer.headers.get('retry-after')).toBe('3')
  })

  it('leaves no timer behind', async () => {
    const clock = new ManualClock()
    await exchange(setup(clock), get(await localServer((_request, response) => response.end('{}'))))
    expect(clock.nextIn).toBeUndefined()
  })

  it('that is cut in the middle of its body is none', async () => {
    const url = await localServer((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"half":')
      setImmediate(() => response.destroy())
    })
    await expect(exchange(setup(), get(url))).rejects.toEqual(failsAs('unreachable'))
  })

  it('without a server is unreachable', async () => {
    await expect(exchange(setup(), get('http://127.0.0.1:1'))).rejects.toEqual(failsAs('unreachable'))
  })

  it('without an answer ends in time', async () => {
    const { handler, next } = holding()
    const options = setup()
    const call = exchange(options, get(await localServer(handler)))
    await next()
    options.clock.advance(TIME_LIMITS.answerMs - 1)
    const ended = expect(call).rejects.toEqual(failsAs('timeout'))
    options.clock.advance(1)
    await ended
  })

  it('with an answer that does not go on ends in time', async () => {
    const started = Promise.withResolvers<void>()
    const options = {
      ...setup(),
      fetch: async (url: string, init: RequestInit) => {
        const response = await fetch(url, init)
        started.resolve()
        return response
      },
    }
    const url = await localServer((_request, response) => response.write('some of it'))
    const call = exchange(options, get(url))
    const ended = expect(call).rejects.toEqual(failsAs('timeout'))
    await started.promise
    // The timer for the beginning of the answer continues for all of it.
    await new Promise((resolve) => setImmediate(resolve))
    options.clock.advance(TIME_LIMITS.answerMs)
    expect(options.clock.nextIn).toBeGreaterThan(30_000)
    options.clock.advance(TIME_LIMITS.totalMs)
    await ended
  })

  it('that is aborted ends at once, before it is sent or while it runs', async () => {
    const { handler, next } = holding()
    const url = await localServer(handler)
    const before = new AbortController()
    before.abort()
    await expect(exchange(setup(), get(url), before.signal)).rejects.toEqual(failsAs('aborted'))
    const underWay = new AbortController()
    const call = expect(exchange(setup(), get(url), underWay.signal)).rejects.toEqual(failsAs('aborted'))
    await next()
    underWay.abort()
    await call
  })

  it('ends also where the platform’s fetch does not heed its signal', async () => {
    const options = { ...setup(), fetch: () => new Promise<Response>(() => undefined) }
    const call = expect(exchange(options, get('http://127.0.0.1:1'))).rejects.toEqual(failsAs('timeout'))
    options.clock.advance(TIME_LIMITS.answerMs)
    await call
  })

  it('reads an answer that arrives in one piece', async () => {
    const whole = { status: 200, headers: new Headers(), body: null, text: () => Promise.resolve('whole') }
    // As React Native's fetch answers: without a stream.
    const options = { ...setup(), fetch: () => Promise.resolve(whole as unknown as Response) }
    expect(await exchange(options, get('http://127.0.0.1:1'))).toMatchObject({ text: 'whole' })
  })

  it('reads a character that arrives in two pieces', async () => {
    const bytes = new TextEncoder().encode('"mildew 🍇 é"')
    const pieces = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
    const options = { ...setup(), fetch: () => Promise.resolve(new Response(pieces)) }
    expect(await exchange(options, get('http://127.0.0.1:1'))).toMatchObject({ text: '"mildew 🍇 é"' })
  })

  it.each(['by and by', 'in one piece, of an announced length'])(
    '[ENG-53] has time for what it receives %s',
    async (how) => {
      const length = 512 * 100
      const options = setup()
      const reading = Promise.withResolvers<void>()
      const rest = Promise.withResolvers<string>()
      const stream = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new Uint8Array(length).fill(32)),
        pull: async (controller) => {
          reading.resolve()
          controller.enqueue(new TextEncoder().encode(await rest.promise))
          controller.close()
        },
      })
      const text = (): Promise<string> => {
        reading.resolve()
        return rest.promise
      }
      const headers = new Headers({ 'content-length': String(length) })
      const response =
        how === 'by and by' ? new Response(stream) : ({ status: 200, headers, body: null, text } as Response)
      const call = exchange({ ...options, fetch: () => Promise.resolve(response) }, get('http://127.0.0.1:1'))
      await reading.promise
      await new Promise((resolve) => setImmediate(resolve))
      // A hundred seconds at the slowest speed, besides the usual limit.
      options.clock.advance(TIME_LIMITS.totalMs + 99_000)
      rest.resolve('{}')
      expect((await call).text.trim()).toBe('{}')
    },
  )
})
