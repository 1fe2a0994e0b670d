import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { json } from 'node:stream/consumers'

import { ERROR_TABLE, ErrorEnvelope, Observation, SyncBatchRequest } from '@fieldsync/contracts'
import {
  altered,
  arbitraryOf,
  device,
  mutationOf,
  observation,
  playbookPatch,
  postBatch,
  recommendation,
  roundSeeds,
  seededRandom,
  syncBatch,
} from '@fieldsync/testkit'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { contactRecorded } from './testing/contact-recorded.ts'
import { sharedSystem } from './testing/shared-system.ts'
import { tableDigests } from './testing/table-contents.ts'

const RUNS = 60
const system = await sharedSystem(1)
const [server] = system.servers
const workspaceId = await system.workspace()
const caller = await system.device(workspaceId, 'dev_owner', 'admin')
await postBatch(caller, syncBatch({ device: device({ deviceId: 'dev_owner' }) }))
await contactRecorded(system, workspaceId, 'dev_owner')

const BATCH_DOORS = ['/v1/sync/batch', '/trpc/sync.batch']
const OBSERVATION_DOORS = ['/v1/observations', '/trpc/observations.create']

// Device state is written lazily, some time after the answer.
const deviceStates = () => tableDigests(system.superuser, ['device_states'])
let stored: Awaited<ReturnType<typeof deviceStates>> = {}
let key = 0

/** Sends raw bytes and checks the rules that every answer must follow, however hostile the input. */
async function send(
  transport: string,
  body: Uint8Array | string,
  headers: Record<string, string> = {},
): Promise<number> {
  // Not by fetch, which refuses headers that HTTP can carry.
  const sending = request(`${server.url}${transport}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': `key-${key++}`,
      'x-device-token': caller.token,
      ...headers,
    },
  }).end(body)
  const [response] = (await once(sending, 'response')) as [IncomingMessage]
  const answer: unknown = await json(response)
  const status = response.statusCode ?? 0
  expect(status, JSON.stringify(answer)).toBeLessThan(500)
  if (status < 300) {
    stored = await deviceStates()
    return status
  }
  const envelope = transport.startsWith('/trpc')
    ? (answer as { error: { data: { envelope: unknown } } }).error.data.envelope
    : answer
  const { code, retryable } = ErrorEnvelope.parse(envelope).error
  expect({ status, retryable }).toEqual(ERROR_TABLE[code])
  expect(await deviceStates()).toEqual(stored)
  return status
}

/** As JSON; a number too large for a double is written as one. */
const jsonOf = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (part === Infinity ? '1e999' : part)).replaceAll(
    '"1e999"',
    '1e999',
  )

/** A body that would be accepted. */
function goodBatch(seed: number): string {
  const rng = seededRandom(seed)
  const seen = observation({ deviceId: 'dev_owner' }, rng)
  const advice = recommendation({ observationId: seen.observationId }, rng)
  const patch = playbookPatch({ requestedByDeviceId: 'dev_owner' }, rng)
  const records = { observations: [seen], recommendations: [advice], playbookPatches: [patch] }
  return JSON.stringify(syncBatch({ device: device({ deviceId: 'dev_owner' }), ...records }, rng))
}

type Edit = {
  readonly at: number
  readonly what: 'flip' | 'insert' | 'delete' | 'double'
  readonly byte: number
}

const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    what: fc.constantFrom('flip', 'insert', 'delete', 'double'),
    byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...Buffer.from('{}[]",:0-e\\u'))),
  }),
  { minLength: 1, maxLength: 6 },
)

function edited(bytes: Buffer, list: readonly Edit[]): Buffer {
  return list.reduce((body, { at, what, byte }) => {
    const index = Math.floor(at * body.length)
    const [head, tail] = [body.subarray(0, index), body.subarray(index)]
    switch (what) {
      case 'flip':
        return Buffer.concat([head, Buffer.from([byte]), tail.subarray(1)])
      case 'insert':
        return Buffer.concat([head, Buffer.from([byte]), tail])
      case 'delete':
        return Buffer.concat([head, tail.subarray(1 + (byte % 40))])
      case 'double':
        return Buffer.concat([head, tail.subarray(0, byte), tail])
    }
  }, bytes)
}

/** Sends bytes that need not be HTTP and reads to the end of the connection. */
async function rawExchange(bytes: Uint8Array): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  await once(socket, 'connect')
  let received = ''
  socket.setEncoding('latin1').on('data', (text: string) => (received += text))
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  socket.end(bytes)
  await closed
  return received
}

async function expectUnharmed(): Promise<void> {
  expect((await fetch(`${server.url}/v1/health`)).status).toBe(200)
  expect(server.logs()).not.toContain('unexpected error')
  expect(await system.verifyAudit(workspaceId)).toMatchObject({ ok: true })
}

describe.each(roundSeeds(1))('hostile requests to the real server (seed %i)', (seed) => {
  const settings = { seed, numRuns: RUNS }
  beforeEach(async () => {
    stored = await deviceStates()
  })
  afterEach(expectUnharmed)

  it('[ERR-1] [ERR-7] [BAT-3] any batch that satisfies the contract is decided, never a 5xx', async () => {
    const cursor = fc.option(fc.string({ maxLength: 60 }), { nil: '', freq: 6 })
    await fc.assert(
      fc.asyncProperty(
        arbitraryOf(SyncBatchRequest),
        cursor,
        fc.constantFrom(...BATCH_DOORS),
        async (batch, from, transport) => {
          const known = altered(batch, '/device/deviceId', 'dev_owner')
          // Short ids recur in a later round, then with another payload.
          const fresh = altered(known, '/syncId', `${batch.syncId.slice(0, 60)}_${key}`)
          const own = altered(fresh, '/lastKnownServerCursor', from)
          expect(await send(transport, jsonOf(own))).toBeOneOf(from === '' ? [200] : [200, 400, 409])
        },
      ),
      { ...settings, numRuns: RUNS / 2 },
    )
  })

  it('[ERR-1] [ERR-7] [BAT-6] a body with one fault is refused and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        mutationOf(SyncBatchRequest),
        fc.constantFrom(...BATCH_DOORS),
        async ({ input }, transport) => {
          expect(await send(transport, jsonOf(input))).toBe(400)
        },
      ),
      settings,
    )
    await fc.assert(
      fc.asyncProperty(
        mutationOf(Observation),
        fc.constantFrom(...OBSERVATION_DOORS),
        async ({ input }, transport) => {
          expect(await send(transport, jsonOf(input))).toBe(400)
        },
      ),
      settings,
    )
  })

  it('[ERR-1] [IDM-5] a good body with some bytes changed is accepted or refused, nothing in between', async () => {
    await fc.assert(
      fc.asyncProperty(edits, fc.nat(), fc.constantFrom(...BATCH_DOORS), async (list, id, transport) => {
        const status = await send(transport, edited(Buffer.from(goodBatch(id)), list))
        expect(status).toBeOneOf([200, 400, 403, 409, 413])
      }),
      { ...settings, numRuns: RUNS * 3 },
    )
  })

  it('[ERR-1] [HDR-1] [HDR-2] [HDR-3] any headers around a good body', async () => {
    const byte = fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff }))
    const value = fc.string({ unit: byte.map((code) => String.fromCharCode(code)), maxLength: 300 })
    const names = [
      'idempotency-key',
      'content-type',
      'content-encoding',
      'traceparent',
      'tracestate',
      'x-request-id',
    ]
    const more = [
      'x-device-token',
      'authorization',
      'accept',
      'accept-encoding',
      'if-none-match',
      'x-forwarded-for',
      'range',
    ]
    const headers = fc.dictionary(fc.constantFrom(...names, ...more), value, {
      minKeys: 1,
      maxKeys: 4,
      noNullPrototype: true,
    })
    await fc.assert(
      fc.asyncProperty(headers, fc.nat(), fc.constantFrom(...BATCH_DOORS), async (given, id, transport) => {
        // A caller that keeps sending wrong tokens is rate-limited.
        expect(await send(transport, goodBatch(id), given)).toBeOneOf([200, 400, 401, 403, 409, 415, 429])
      }),
      settings,
    )
  })

  it('[ERR-1] bytes that are no HTTP are answered 400 or cut off', async () => {
    const start = fc.constantFrom(
      '',
      'POST /v1/sync/batch HTTP/1.1\r\nHost: x\r\n',
      'GET /',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    )
    await fc.assert(
      fc.asyncProperty(start, fc.uint8Array({ minLength: 1, maxLength: 400 }), async (head, bytes) => {
        const answer = await rawExchange(Buffer.concat([Buffer.from(head), bytes]))
        expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/)
      }),
      settings,
    )
    expect(await deviceStates()).toEqual(stored)
  })
})
