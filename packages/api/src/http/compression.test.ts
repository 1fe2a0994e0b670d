import { get, type IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'

import { JsonText } from '@fieldsync/services'
import { syncBatch } from '@fieldsync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type ApiServer, startApi } from '../testing/api-server.ts'
import { fakeVerbs, NO_DATABASE, TOKEN } from '../testing/fake-verbs.ts'
import { rest } from '../testing/rest-client.ts'
import { acceptsGzip, compressed } from './compression.ts'

/** A JSON string of so many bytes. */
const jsonOf = (bytes: number): string => `"${'ñ'.repeat((bytes - 2) / 2)}"`
let answer = jsonOf(4096)
const document = <T>() => ({ document: new JsonText<T>(answer), replayed: true })

let server: ApiServer
beforeAll(async () => {
  server = await startApi({
    db: NO_DATABASE,
    verbs: fakeVerbs({
      applyBatch: () => Promise.resolve(document()),
      createDevice: () => Promise.resolve(document()),
      revokeDevice: () => Promise.resolve(document()),
      listObservations: () =>
        // In pieces, as a page is read from the database.
        Promise.resolve({ items: new JsonText('[', answer, ',', answer, ']'), nextCursor: 'next' }),
    }),
  })
})
afterAll(() => server[Symbol.asyncDispose]())

type Raw = { status: number; headers: IncomingMessage['headers']; bytes: Buffer }

/** A GET whose answer is not decoded. */
async function raw(path: string, acceptEncoding?: string): Promise<Raw> {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>()
  const headers = {
    'x-device-token': TOKEN,
    ...(acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding }),
  }
  get(`${server.url}${path}`, { headers, agent: false }, resolve)
  const response = await promise
  const bytes = Buffer.concat(await response.toArray())
  return { status: response.statusCode ?? 0, headers: response.headers, bytes }
}

describe('compressed answers', () => {
  it.each(['/v1/observations', '/trpc/observations.list?input=%7B%7D', '/v1/openapi.json'])(
    '[HDR-5] %s is the same text, compressed, for a client that accepts that',
    async (path) => {
      answer = jsonOf(4096)
      const plain = await raw(path)
      const packed = await raw(path, 'deflate, gzip;q=0.9, br')
      expect([plain.status, packed.status]).toEqual([200, 200])
      expect(plain.headers['content-encoding']).toBeUndefined()
      expect(packed.headers['content-encoding']).toBe('gzip')
      expect(Number(packed.headers['content-length'])).toBe(packed.bytes.length)
      expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 2)
      expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true)
      for (const { headers } of [plain, packed]) expect(headers.vary).toMatch(/\baccept-encoding\b/)
      for (const name of ['etag', 'link', 'cache-control', 'content-type'])
        expect(packed.headers[name]).toBe(plain.headers[name])
    },
  )

  it('[HDR-5][IDM-2] a replayed answer is one too, and says that it was replayed', async () => {
    answer = jsonOf(2048)
    const replayed = await rest(`${server.url}/v1/sync/batch`, { body: JSON.stringify(syncBatch()) })
    expect(replayed.headers.get('content-encoding')).toBe('gzip')
    expect(replayed.headers.get('idempotency-replayed')).toBe('true')
    expect(replayed.text).toBe(answer)
  })

  it('[HDR-5][ERR-6] a long list of errors is one too', async () => {
    const observations = Array.from({ length: 40 }, () => ({}))
    const batch = { ...syncBatch(), upserts: { observations, recommendations: [], playbookPatches: [] } }
    const refused = await rest(`${server.url}/v1/sync/batch`, { body: JSON.stringify(batch) })
    expect([refused.status, refused.headers.get('content-encoding')]).toEqual([400, 'gzip'])
  })

  it('[HDR-5] up to 1 KB, and for HEAD, nothing is compressed', async () => {
    for (const [bytes, encoding] of [
      [1024, null],
      [1026, 'gzip'],
    ] as const) {
      answer = jsonOf(bytes)
      const sent = await rest(`${server.url}/v1/sync/batch`, { body: JSON.stringify(syncBatch()) })
      expect([bytes, sent.headers.get('content-encoding')]).toEqual([bytes, encoding])
      expect(sent.headers.get('vary')).toContain('accept-encoding')
    }
    const head = await rest(`${server.url}/v1/observations`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-encoding')]).toEqual([200, null])
  })

  it.each(['rest', 'trpc'])('[HDR-5] an answer with a secret never is, over %s', async (transport) => {
    answer = jsonOf(4096)
    const call = async (name: string, path: string, input: unknown) =>
      await rest(`${server.url}${transport === 'rest' ? path : `/trpc/${name}`}`, {
        body: JSON.stringify(input),
      })
    const input = { deviceId: 'dev_new', role: 'scout' }
    const created = await call('devices.create', '/v1/devices', input)
    expect([created.status < 300, created.headers.get('content-encoding')]).toEqual([true, null])
    // Its neighbor, which contains none, is.
    const revoked = await call('devices.revoke', '/v1/devices/dev_new:revoke', { deviceId: 'dev_new' })
    expect([revoked.status, revoked.headers.get('content-encoding')]).toEqual([200, 'gzip'])
  })

  it('[HDR-5] several calls in one request are not, if one of them holds a secret', async () => {
    const body = JSON.stringify({ 0: { deviceId: 'dev_new' }, 1: { deviceId: 'dev_new', role: 'scout' } })
    const both = await rest(`${server.url}/trpc/devices.revoke,devices.create?batch=1`, { body })
    expect(both.text.length).toBeGreaterThan(1024)
    expect(both.headers.get('content-encoding')).toBeNull()
  })
})

it.each([
  [undefined, false],
  ['', false],
  ['gzip', true],
  ['GZIP', true],
  ['x-gzip', true],
  ['br;q=1.0, gzip;q=0.2', true],
  ['*', true],
  ['*;q=0', false],
  ['gzip;q=0, *', false],
  ['gzip; q=0.000', false],
  ['br, deflate', false],
  ['identity', false],
  ['identity;q=1, gzip;q=0.5', false],
  ['gzip;q=0.5, identity;q=0.5', true],
  ['gzip;q=nonsense', false],
])('[HDR-5] Accept-Encoding %j takes gzip: %s', (header, expected) => {
  const headers = header === undefined ? {} : { 'accept-encoding': header }
  expect(acceptsGzip({ headers } as IncomingMessage)).toBe(expected)
})

it('[HDR-5] few answers are compressed at a time, and none whose client has gone', async () => {
  const asked: number[] = []
  const body = 'x'.repeat(100_000)
  const all = Array.from({ length: 9 }, (_, index) =>
    compressed(body, () => {
      asked.push(index)
      return index !== 5
    }),
  )
  expect(asked).toEqual([0, 1, 2])
  const done = await Promise.all(all)
  expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  expect(done.map((bytes) => bytes && gunzipSync(bytes).toString() === body)).toEqual(
    done.map((_, index) => (index === 5 ? undefined : true)),
  )
})
