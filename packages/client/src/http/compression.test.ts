import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

import { afterEach, describe, expect, it, vi } from 'vitest'

import { deviceToken } from '../credentials/credential-provider.ts'
import type { Refusal } from '../errors/read-refusal.ts'
import { connectServer } from '../server-connection.ts'
import { localServer } from '../testing/local-server.ts'
import { mayBeAboutEncoding, packed } from './compression.ts'

const envelope = (code: string, details: object) =>
  JSON.stringify({ requestId: 'r', error: { code, message: code, retryable: false, traceId: 't', details } })
const UNREADABLE = envelope('VALIDATION_ERROR', { issues: [{ path: '', message: 'is not valid gzip' }] })
const BAD_RECORD = envelope('VALIDATION_ERROR', {
  issues: [{ path: '/upserts/observations/0/location', message: 'is missing' }],
})

type Answer = { status: number; body: string }
const TAKEN: Answer = { status: 200, body: '{}' }

/** A server that answers each body by `answer`, which is given the body as received and its encoding header. */
async function answering(answer: (body: Buffer, encoding: string | undefined) => Answer) {
  const seen: string[] = []
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request)
    const encoding = request.headers['content-encoding']
    seen.push(encoding ?? 'plain')
    const { status, body: text } = answer(body, encoding)
    response.writeHead(status).end(text)
  }
  const url = await localServer((request, response) => void respond(request, response))
  const { transport } = connectServer({ url, credentials: deviceToken('token') })
  const send = (body: string, uncompressed?: boolean) =>
    transport.syncBatch({
      idempotencyKey: 'key',
      body,
      signal: new AbortController().signal,
      ...(uncompressed !== undefined && { uncompressed }),
    })
  return { seen, send, transport, url }
}

const LONG = JSON.stringify({ text: 'é🍇'.repeat(1000) })
const isGzip = (body: Buffer): boolean => {
  try {
    return gunzipSync(body).length > 0
  } catch {
    return false
  }
}

describe('a compressed body', () => {
  it.each<[string, (body: Buffer, encoding: string | undefined) => Answer]>([
    [
      'is unpacked on the way, and keeps its header',
      (_, encoding) => (encoding ? { status: 400, body: UNREADABLE } : TAKEN),
    ],
    ['loses its header on the way', (body) => (isGzip(body) ? { status: 400, body: UNREADABLE } : TAKEN)],
    [
      'is refused with a bare 415',
      (_, encoding) => (encoding ? { status: 415, body: '<h1>415</h1>' } : TAKEN),
    ],
    ['is refused with a bare 403', (_, encoding) => (encoding ? { status: 403, body: 'no binary' } : TAKEN)],
    [
      'is refused as a media type',
      (_, encoding) => (encoding ? { status: 415, body: envelope('UNSUPPORTED_MEDIA_TYPE', {}) } : TAKEN),
    ],
  ])('[HDR-6] that %s goes out once more as it is, and so do all after it', async (_, answer) => {
    const { seen, send } = await answering(answer)
    expect(await send(LONG)).toEqual({ ...TAKEN, uncompressed: true })
    expect(seen).toEqual(['gzip', 'plain'])
    await send(LONG)
    expect(seen).toEqual(['gzip', 'plain', 'plain'])
  })

  it('[HDR-6] that is refused for something else is not sent twice', async () => {
    const refusals: Answer[] = [
      { status: 400, body: BAD_RECORD },
      { status: 401, body: 'who are you' },
      { status: 413, body: 'too large' },
      { status: 429, body: 'slowly' },
      { status: 502, body: 'nobody there' },
    ]
    const { seen, send } = await answering(() => refusals[seen.length - 1] ?? TAKEN)
    for (const { status, body } of refusals) {
      expect(await send(LONG)).toEqual({ status, body, uncompressed: false })
    }
    expect(seen).toEqual(refusals.map(() => 'gzip'))
  })

  it('[HDR-6] that is refused without compression too is the body’s own fault, and tried without it once', async () => {
    const { seen, send } = await answering(() => ({ status: 403, body: 'blocked' }))
    for (let i = 0; i < 3; i++) expect(await send(LONG)).toMatchObject({ status: 403, uncompressed: false })
    expect(seen).toEqual(['gzip', 'plain', 'gzip', 'gzip'])
  })

  it('[HDR-6] is left out where the engine knows it, and tried again when that has forgotten', async () => {
    const { seen, send, transport, url } = await answering(() => TAKEN)
    expect(transport.address).toBe(url)
    await send(LONG, true)
    await send(LONG, false)
    expect(seen).toEqual(['plain', 'gzip'])
  })
})

describe('a body', () => {
  afterEach(() => void vi.unstubAllGlobals())

  it('[HDR-2] of more than a kilobyte goes out packed, and is the same when unpacked', async () => {
    const { body, headers } = await packed(LONG)
    expect(headers).toEqual({ 'content-type': 'application/json', 'content-encoding': 'gzip' })
    if (typeof body === 'string') throw new Error('not packed')
    expect(body.length).toBeLessThan(LONG.length / 10)
    expect(gunzipSync(body).toString('utf8')).toBe(LONG)
  })

  it('[HDR-2] that is short is sent uncompressed', async () => {
    const text = 'x'.repeat(1024)
    expect(await packed(text)).toEqual({ body: text, headers: { 'content-type': 'application/json' } })
  })

  it('[HDR-2] is sent uncompressed where the platform cannot compress', async () => {
    vi.stubGlobal('CompressionStream', undefined)
    expect(await packed(LONG)).toEqual({ body: LONG, headers: { 'content-type': 'application/json' } })
  })
})

describe('[HDR-6] an answer that may be about the encoding of a body', () => {
  it.each([
    [399, false],
    [400, true],
    [401, false],
    [404, true],
    [407, false],
    [408, false],
    [413, false],
    [415, true],
    [425, false],
    [429, false],
    [499, true],
    [500, false],
    [502, false],
  ])('of an intermediary: %i', (status, mayBe) => {
    expect(mayBeAboutEncoding(status, undefined)).toBe(mayBe)
  })

  const whole = { path: '', message: 'is not JSON' }
  it.each<[string, string, unknown, boolean]>([
    ['says so', 'UNSUPPORTED_MEDIA_TYPE', undefined, true],
    ['is about the whole body', 'VALIDATION_ERROR', { issues: [whole, whole] }, true],
    ['is about a value', 'VALIDATION_ERROR', { issues: [{ path: '/device', message: 'is missing' }] }, false],
    [
      'is about a value too',
      'VALIDATION_ERROR',
      { issues: [whole, { path: '/device', message: '' }] },
      false,
    ],
    ['names nothing', 'VALIDATION_ERROR', { issues: [] }, false],
    ['has issues of no known form', 'VALIDATION_ERROR', { issues: [null] }, false],
    ['has texts for issues', 'VALIDATION_ERROR', { issues: ['is not JSON'] }, false],
    ['has issues without a path', 'VALIDATION_ERROR', { issues: [{ message: 'is not JSON' }] }, false],
    ['has no list of issues', 'VALIDATION_ERROR', { issues: 'is not JSON' }, false],
    ['has other details', 'VALIDATION_ERROR', { fields: [whole] }, false],
    ['has a text for details', 'VALIDATION_ERROR', 'issues', false],
    ['has null for details', 'VALIDATION_ERROR', null, false],
    ['has no details', 'VALIDATION_ERROR', undefined, false],
    ['is about something else', 'CONFLICT', { issues: [whole] }, false],
  ])('of our server, which %s', (_what, code, details, mayBe) => {
    const refusal = { status: 400, code, details } as Refusal
    expect(mayBeAboutEncoding(400, refusal)).toBe(mayBe)
  })
})
