import { gzipSync } from 'node:zlib'

import { OPERATIONS, pointerTo, SyncBatchRequest } from '@fieldsync/contracts'
import { arbitraryOf, mutationOf, seededRuns } from '@fieldsync/testkit'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { type ApiServer, startApi } from './testing/api-server.ts'
import { fakeVerbs, NO_RUNTIME } from './testing/fake-verbs.ts'
import { envelopeOf, rest } from './testing/rest-client.ts'

let server: ApiServer
beforeAll(async () => {
  server = await startApi({
    runtime: NO_RUNTIME,
    verbs: fakeVerbs(),
    limits: { maxBytes: 1024 * 1024, maxRecords: 1000 },
  })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

const TRANSPORTS = ['/v1/sync/batch', '/trpc/sync.batch']
const GETS = Object.values(OPERATIONS).filter(({ method }) => method === 'GET')

describe('fuzzed requests', () => {
  it('[ERR-1] any bytes, gzipped or said to be, answer 200 or 400', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc.json({ maxDepth: 6 }).map((json) => Buffer.from(json)),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    )
    const encoding = fc.constantFrom('identity', 'gzip', 'as said')
    await fc.assert(
      fc.asyncProperty(bytes, encoding, fc.constantFrom(...TRANSPORTS), async (body, how, transport) => {
        const answer = await rest(`${server.url}${transport}`, {
          body: how === 'gzip' ? gzipSync(body) : Buffer.from(body),
          headers: how === 'identity' ? {} : { 'content-encoding': 'gzip' },
        })
        expect(answer.status).toBe(400)
      }),
      seededRuns(80),
    )
  })

  it('[ERR-1] a batch that keeps the contract passes, and one with one fault is refused by name', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryOf(SyncBatchRequest), async (batch) => {
        const answer = await rest(`${server.url}/v1/sync/batch`, { body: JSON.stringify(batch) })
        expect(answer.status).toBe(200)
      }),
      seededRuns(8),
    )
    await fc.assert(
      fc.asyncProperty(mutationOf(SyncBatchRequest), async ({ input, path }) => {
        // JSON has no Infinity; a number too large for a double reads as one.
        const body = JSON.stringify(input, (_key, value: unknown) => (value === Infinity ? '1e999' : value))
        const answer = await rest(`${server.url}/v1/sync/batch`, {
          body: body.replaceAll('"1e999"', '1e999'),
        })
        expect(answer.status).toBe(400)
        const { issues } = envelopeOf(answer).details as { issues: { path: string }[] }
        expect(
          issues.some((issue) => pointerTo(path).startsWith(issue.path)),
          JSON.stringify({ path, issues }),
        ).toBe(true)
      }),
      seededRuns(30),
    )
  })

  it('[ERR-1] any path and query answer below 500', async () => {
    const part = fc.oneof(
      fc.webSegment(),
      fc.string({ unit: 'binary', maxLength: 40 }).map(encodeURIComponentSafely),
    )
    const query = fc.oneof(
      fc.webQueryParameters(),
      fc.constantFrom('limit=1', 'limit=x', 'cursor=%00', 'after=1.0'),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...GETS), part, query, async ({ path }, id, search) => {
        const filled = path.replace(/(?<=\/):\w+/g, id)
        const { status } = await rest(`${server.url}${filled}?${search}`)
        // Live weather takes an access token.
        expect(path === OPERATIONS['weather.live'].path ? [403] : [200, 400, 404]).toContain(status)
      }),
      seededRuns(80),
    )
  })

  afterEach(() => {
    const errors = server.log.filter(({ level }) => level === 'error')
    if (errors.length > 0) throw new Error(`logged as bugs: ${JSON.stringify(errors)}`)
  })

  it('[ERR-1] any header that HTTP can carry answers below 500', async () => {
    const text = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
      maxLength: 200,
    })
    const name = fc.constantFrom(
      'idempotency-key',
      'content-type',
      'content-encoding',
      'traceparent',
      'x-request-id',
      'x-device-token',
      'authorization',
      'accept',
      'if-none-match',
    )
    await fc.assert(
      fc.asyncProperty(name, text, fc.constantFrom(...TRANSPORTS), async (header, value, transport) => {
        const { status } = await rest(`${server.url}${transport}`, {
          body: '{}',
          headers: { [header]: value },
        })
        expect([400, 401, 415]).toContain(status)
      }),
      seededRuns(80),
    )
  })
})

const encodeURIComponentSafely = (text: string): string => encodeURIComponent(text.toWellFormed())
