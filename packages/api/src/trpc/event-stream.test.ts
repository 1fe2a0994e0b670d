import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'

import { CONTRACT_VERSION } from '@fieldsync/contracts'
import { ServiceError } from '@fieldsync/services'
import { describe, expect, it, onTestFinished } from 'vitest'

import type { StreamTiming } from '../core/api-options.ts'
import { sendEvents } from './event-stream.ts'

const PATIENT: StreamTiming = { keepAliveMs: 60_000, stalledMs: 60_000 }

/** Events that a test emits one by one. */
class Source implements AsyncIterable<unknown>, AsyncIterator<unknown> {
  asked = 0
  readonly returned = Promise.withResolvers<void>()
  readonly #give: (asked: number) => Promise<IteratorResult<unknown>>

  constructor(give: (asked: number) => Promise<IteratorResult<unknown>>) {
    this.#give = give
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return this
  }

  next(): Promise<IteratorResult<unknown>> {
    return this.#give(++this.asked)
  }

  return(): Promise<IteratorResult<unknown>> {
    this.returned.resolve()
    return Promise.resolve({ done: true, value: undefined })
  }
}

const silent = () => new Source(() => new Promise(() => undefined))

/** Answers one request with the source's events; returns the port. */
async function serving(source: Source, timing: StreamTiming = PATIENT): Promise<number> {
  const describeError = (error: unknown) => ({
    error: error instanceof ServiceError ? error : new ServiceError('INTERNAL_ERROR', 'told'),
    shape: { message: String(error) },
  })
  const server = createServer((_req, res) => {
    void sendEvents(res, { requestId: 'request-1', traceId: '' }, source, describeError, timing)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  // A server that listens on TCP has an AddressInfo.
  return (server.address() as AddressInfo).port
}

const read = async (port: number) => await (await fetch(`http://127.0.0.1:${port}`)).text()

describe('a stream of events', () => {
  it('[LIV-1][HDR-4][HDR-5] is sent so that nothing on the way keeps, packs or holds back its events', async () => {
    const port = await serving(new Source(() => Promise.resolve({ done: true, value: undefined })))
    const { headers, status } = await fetch(`http://127.0.0.1:${port}`)
    expect(status).toBe(200)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-request-id': 'request-1',
      'fieldsync-contract': CONTRACT_VERSION,
    })
    // The request accepts gzip.
    expect(headers.get('content-encoding')).toBeNull()
  })

  it('[LIV-1] says connected, then each event, then that it is over', async () => {
    const values = [{ type: 'poke' }, { text: 'line\nbreak' }]
    const source = new Source((asked) =>
      Promise.resolve(
        asked > values.length ? { done: true, value: undefined } : { done: false, value: values[asked - 1] },
      ),
    )
    expect(await read(await serving(source))).toBe(
      'event: connected\ndata: {"reconnectAfterInactivityMs":60000}\n\n' +
        'data: {"type":"poke"}\n\ndata: {"text":"line\\nbreak"}\n\nevent: return\ndata: \n\n',
    )
  })

  it('[LIV-1, LIV-7] an error is its last word, with the time to come again, not the same for everyone', async () => {
    const error = new ServiceError('UNAVAILABLE', 'draining', { retryAfterSeconds: 2 })
    const hints = new Set<number>()
    for (let each = 0; each < 8; each++) {
      const text = await read(await serving(new Source(() => Promise.reject(error))))
      const [, retry, data] = /\n\nretry: (\d+)\nevent: serialized-error\ndata: (.*)\n\n$/.exec(text) ?? []
      expect(JSON.parse(data ?? '')).toEqual({ message: 'ServiceError: draining' })
      hints.add(Number(retry))
    }
    expect([...hints].filter((hint) => hint < 2000 || hint > 4000)).toEqual([])
    expect(hints.size).toBeGreaterThan(1)
  })

  it('[LIV-1] an error without such a time carries none', async () => {
    const text = await read(await serving(new Source(() => Promise.reject(new Error('a bug')))))
    expect(text).toContain('event: serialized-error\ndata: {"message":"Error: a bug"}\n\n')
    expect(text).not.toContain('retry')
  })

  it('[LIV-4] is kept alive while its source is silent', async () => {
    const port = await serving(silent(), { ...PATIENT, keepAliveMs: 5 })
    const response = await fetch(`http://127.0.0.1:${port}`)
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk)
      if (text.split('event: ping\ndata: \n\n').length > 3) break
    }
    expect(text.replaceAll('event: ping\ndata: \n\n', '')).toMatch(/^event: connected\ndata: .*\n\n$/)
  })

  it('notifies its source when the client disconnects, even while waiting for it', async () => {
    const source = silent()
    const port = await serving(source)
    const gone = new AbortController()
    await fetch(`http://127.0.0.1:${port}`, { signal: gone.signal })
    gone.abort()
    await source.returned.promise
    expect(source.asked).toBe(1)
  })

  it('[LIV-3] asks for no event that has no room, and drops a reader that makes none', async () => {
    const large = 'x'.repeat(64 * 1024)
    const source = new Source(() => Promise.resolve({ done: false, value: large }))
    const port = await serving(source, { keepAliveMs: 1, stalledMs: 200 })
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => undefined)
    socket.pause()
    socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n')
    await source.returned.promise
    // The two kernels buffer some megabytes for a connection; a source without bounds never ends.
    expect(source.asked).toBeLessThan(1000)
  })
})
