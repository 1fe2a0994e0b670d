import { SyncBatchResponse } from '@fieldsync/contracts'
import {
  device,
  observation,
  playbookPatch,
  seededRandom,
  syncBatch,
  type SyncBatchOverrides,
} from '@fieldsync/testkit'
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest'

import { deviceToken } from './credentials/credential-provider.ts'
import { isFieldsyncError } from './errors/fieldsync-error.ts'
import { type ConnectionOptions, connectServer } from './server-connection.ts'
import { Arrivals } from './testing/arrivals.ts'
import { DEVICES, realServer, tokenOf } from './testing/real-server.ts'

const server = await realServer()
const rng = seededRandom(3)

const connect = (deviceId: string, options: Partial<ConnectionOptions> = {}) =>
  connectServer({ url: server.url, credentials: deviceToken(tokenOf(deviceId)), ...options })

const body = (deviceId: string, overrides: SyncBatchOverrides = {}) =>
  JSON.stringify(syncBatch({ device: device({ deviceId }), ...overrides }, rng))

const call = (text: string, signal = new AbortController().signal) => ({
  idempotencyKey: 'key-1',
  body: text,
  signal,
})

/** The error that a call rejects with. */
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => new Error('it did not reject'),
    (error: unknown) => error,
  )

describe('typed calls', () => {
  it('[OPS-19] read and write, with the types of the contract', async () => {
    const { api } = connect(DEVICES.scout)
    const record = observation({ deviceId: DEVICES.scout }, rng)
    expect(await api.observations.create.mutate(record)).toEqual(record)
    const { items } = await api.observations.list.query({ limit: 5 })
    expect(items).toContainEqual(record)
    expectTypeOf(items[0]?.status).toEqualTypeOf<'draft' | 'confirmed' | 'logged' | undefined>()
    expect(await api.observations.get.query({ observationId: record.observationId })).toEqual(record)
    expect((await api.playbooks.list.query()).items).toMatchObject([{ playbookId: 'pbk_yolo_grape' }])
    expect((await api.health.query()).status).toBe('ok')
  })

  it('do not offer what the engine does', () => {
    const { api } = connect(DEVICES.scout)
    expectTypeOf(api).not.toHaveProperty('sync')
    expectTypeOf(api.observations.get.query).parameter(0).toEqualTypeOf<{ observationId: string }>()
  })

  it('[ERR-1, ERR-2] reject with the server’s refusal, narrowed by its code', async () => {
    const { api } = connect(DEVICES.scout)
    const missing = await errorOf(api.observations.get.query({ observationId: 'obs_20260211_0001' }))
    expect(missing).toMatchObject({ code: 'NOT_FOUND', status: 404, retryable: false })
    const broken = await errorOf(api.observations.get.query({ observationId: 'nonsense' }))
    if (!isFieldsyncError(broken, 'VALIDATION_ERROR')) throw broken
    expect(broken.details?.issues).toMatchObject([{ path: '/observationId' }])
    const forbidden = await errorOf(api.audit.list.query())
    expect(forbidden).toMatchObject({ code: 'FORBIDDEN', details: { reason: 'role' } })
  })

  it('[ERR-8, ERR-13] carry the conflict of a single write, typed', async () => {
    const { api } = connect(DEVICES.agronomist)
    const patch = playbookPatch({ requestedByDeviceId: DEVICES.agronomist, baseVersion: 99 }, rng)
    const error = await errorOf(api.playbooks.applyPatch.mutate(patch))
    if (!isFieldsyncError(error, 'PLAYBOOK_VERSION_MISMATCH')) throw error
    expect(error.details).toMatchObject({ activeVersion: 3, conflict: { entityId: patch.patchId } })
  })

  it('[ACC-1] reject an unknown credential with what to do about it', async () => {
    const { api } = connect('dev_nobody')
    expect(await errorOf(api.playbooks.list.query())).toMatchObject({
      code: 'AUTH_REQUIRED',
      details: { reason: 'invalid', action: 'authenticate' },
    })
  })

  it('renew the credential once, and go out again', async () => {
    let token = 'expired'
    const asked: string[] = []
    const { api } = connect(DEVICES.scout, {
      credentials: {
        headers: () => ({ 'x-device-token': token }),
        renew: (action) => {
          asked.push(action)
          token = tokenOf(DEVICES.scout)
          return Promise.resolve(true)
        },
      },
    })
    const answers = await Promise.all([api.playbooks.list.query(), api.observations.list.query()])
    expect(answers[0].items).toHaveLength(1)
    expect(asked).toEqual(['authenticate'])
  })

  it('can be aborted', async () => {
    const { api } = connect(DEVICES.scout)
    const gone = new AbortController()
    gone.abort()
    const error = await errorOf(api.playbooks.list.query(undefined, { signal: gone.signal }))
    expect(error).toMatchObject({ name: 'NetworkError', kind: 'aborted' })
  })

  it('report that no server is there, or that the platform is offline', async () => {
    const url = 'http://127.0.0.1:1'
    const nobody = await errorOf(connect(DEVICES.scout, { url }).api.health.query())
    expect(nobody).toMatchObject({ name: 'NetworkError', kind: 'unreachable', retryable: true })
    const connectivity = { isOnline: () => false, onChange: () => () => undefined }
    const offline = await errorOf(connect(DEVICES.scout, { url, connectivity }).api.health.query())
    expect(offline).toMatchObject({ name: 'NetworkError', kind: 'offline' })
  })

  it('report a server that is not ours, such as a captive portal', async () => {
    const fetch = () => Promise.resolve(new Response('<html>Welcome to our network</html>'))
    const error = await errorOf(connect(DEVICES.scout, { fetch }).api.health.query())
    expect(error).toMatchObject({ name: 'NetworkError', kind: 'not_ours', status: 200 })
  })
})

describe('the engine’s transport', () => {
  it('[OPS-4, IDM-2] sends a batch to the server unchanged, and returns the stored bytes', async () => {
    const { transport } = connect(DEVICES.scout)
    const text = body(DEVICES.scout, { observations: [observation({ deviceId: DEVICES.scout }, rng)] })
    const first = await transport.syncBatch(call(text))
    expect(first.status).toBe(200)
    expect(SyncBatchResponse.parse(JSON.parse(first.body)).acceptedCounts.observations).toBe(1)
    expect(await transport.syncBatch(call(text))).toEqual(first)
  })

  it('[HDR-2] packs a large batch', async () => {
    const sent: { bytes: number; encoding: string | undefined }[] = []
    const { transport } = connect(DEVICES.scout, {
      fetch: (url, init) => {
        sent.push({ bytes: init.body?.length ?? 0, encoding: init.headers['content-encoding'] })
        return fetch(url, init)
      },
    })
    const observations = Array.from({ length: 100 }, () => observation({ deviceId: DEVICES.scout }, rng))
    const text = body(DEVICES.scout, { observations })
    const answer = await transport.syncBatch({ ...call(text), idempotencyKey: 'key-packed' })
    expect(SyncBatchResponse.parse(JSON.parse(answer.body)).acceptedCounts.observations).toBe(100)
    expect(sent).toMatchObject([{ encoding: 'gzip' }])
    expect(sent[0]?.bytes).toBeLessThan(text.length / 4)
  })

  it('returns a refusal unchanged, and renews nothing by itself', async () => {
    let renewed = false
    const credentials = {
      headers: () => ({ 'x-device-token': 'unknown' }),
      renew: () => Promise.resolve((renewed = true)),
    }
    const { transport } = connect(DEVICES.scout, { credentials })
    const answer = await transport.syncBatch(call(body(DEVICES.scout)))
    expect(answer.status).toBe(401)
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'AUTH_REQUIRED' } })
    expect(renewed).toBe(false)
  })

  it('[ERR-18] passes Retry-After on', async () => {
    await using strict = await server.another({ RATE_LIMIT_PER_MINUTE: '1' })
    const { transport } = connect(DEVICES.viewer, { url: strict.url })
    expect((await transport.syncBatch(call(body(DEVICES.viewer)))).retryAfterMs).toBeUndefined()
    const limited = await transport.syncBatch(call(body(DEVICES.viewer)))
    expect(limited.status).toBe(429)
    expect(limited.retryAfterMs).toBeGreaterThanOrEqual(1000)
  })

  it('rejects when it is aborted', async () => {
    const { transport } = connect(DEVICES.scout)
    const gone = new AbortController()
    const sending = errorOf(transport.syncBatch(call(body(DEVICES.scout), gone.signal)))
    gone.abort()
    expect(await sending).toMatchObject({ kind: 'aborted' })
  })
})

describe('live pokes of the real server', () => {
  /** Follows the stream; the returned promises resolve at each poke. */
  function following(deviceId: string, url = server.url): () => Promise<'poke'> {
    const pokes = new Arrivals<'poke'>()
    onTestFinished(connect(deviceId, { url }).poke.subscribe(() => pokes.add('poke')))
    return () => pokes.next()
  }
  const write = async (deviceId: string) => {
    const { api } = connect(deviceId)
    await api.observations.create.mutate(observation({ deviceId }, rng))
  }

  it('[LIV-2, LIV-10] arrive after a connect, and after a write at another server', async () => {
    await using second = await server.another()
    const poked = following(DEVICES.viewer, second.url)
    await poked()
    // The server itself pokes once when it starts to receive from the others.
    for (let each = 0; each < 3; each++) {
      await write(DEVICES.scout)
      await poked()
    }
  })

  it('[LIV-7, LIV-10] arrive again after the server was restarted', async () => {
    const first = await server.another()
    const port = new URL(first.url).port
    const poked = following(DEVICES.viewer, first.url)
    await poked()
    expect((await first.kill('SIGTERM')).code).toBe(0)
    await using again = await server.another({ PORT: port })
    expect(again.url).toBe(first.url)
    await poked()
    await write(DEVICES.scout)
    await poked()
  })

  it('[LIV-9] arrive again after servers lost their ears', async () => {
    const poked = following(DEVICES.viewer)
    await poked()
    await server.killListeners()
    await poked()
  })
})
