import { gunzipSync } from 'node:zlib'

import { CONTRACT_VERSION } from '@fieldsync/contracts'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { observation, playbook } from '@fieldsync/testkit'
import { describe, expect, it, onTestFinished, vi } from 'vitest'

import {
  createFieldsyncClient,
  type DeviceInfo,
  type SyncingClientOptions,
} from './create-fieldsync-client.ts'
import { deviceToken } from './credentials/credential-provider.ts'
import { Arrivals } from './testing/arrivals.ts'
import { ManualClock } from './testing/manual-clock.ts'

const DEVICE: DeviceInfo = {
  deviceId: 'dev_scout_1',
  platform: 'web',
  appVersion: '1.0.0',
  modelPackageVersion: '1.0.0',
}

const SESSION = {
  contractVersion: CONTRACT_VERSION,
  workspace: {
    workspaceId: 'ws_ridge',
    workspaceUid: `wsu_${'0'.repeat(32)}`,
    name: 'Ridge',
    timeZone: 'America/Los_Angeles',
  },
  deviceId: DEVICE.deviceId,
  role: 'scout',
  rights: ['read', 'sync', 'sync.push', 'observations.write'],
}
const REFUSAL = { code: 'AUTH_REQUIRED', message: 'It is revoked.', retryable: false, traceId: 't' }

/** A client whose server knows it and refuses its batches, which are listed. */
async function clientWith(options: Partial<SyncingClientOptions> = {}) {
  const sent = new Arrivals<unknown>()
  const client = createFieldsyncClient({
    url: 'https://sync.example.com',
    credentials: deviceToken('token'),
    clock: new ManualClock(Date.UTC(2026, 1, 12, 8)),
    fetch: (url, { body }) => {
      if (url.endsWith('/v1/session')) return Promise.resolve(Response.json(SESSION))
      sent.add(JSON.parse(typeof body === 'string' ? body : gunzipSync(body ?? '').toString()))
      return Promise.resolve(Response.json({ requestId: 'r', error: REFUSAL }, { status: 401 }))
    },
    device: DEVICE,
    ...options,
    store: options.store ?? (await openMemoryStore(new MemoryDisk())),
  })
  onTestFinished(() => client.stop())
  return { client, sent }
}

const note = () => {
  const { deterministicChecksum: _own, updatedAt: _at, ...record } = observation({ status: 'draft' })
  return { ...record, deviceId: DEVICE.deviceId }
}

type Sent = {
  readonly url: string
  readonly token: string | null
  readonly device: { readonly deviceId: string }
  readonly upserts: Readonly<Record<string, readonly { readonly observationId?: string }[]>>
}

/** A client whose server takes everything; the batches are listed. */
async function acceptedClient(options: Partial<SyncingClientOptions> = {}) {
  const batches: Sent[] = []
  const calls: ('session' | 'batch')[] = []
  const { playbookId, version, updatedAt } = playbook()
  let head = 0
  const answer = (syncId: string, upserts: Sent['upserts']) => ({
    syncId,
    acceptedAt: '2026-02-12T08:00:00Z',
    serverCursor: `cur_${++head}`,
    acceptedCounts: {
      observations: upserts['observations']?.length ?? 0,
      recommendations: upserts['recommendations']?.length ?? 0,
      playbookPatches: upserts['playbookPatches']?.length ?? 0,
    },
    conflicts: [],
    downstream: {
      playbook: { playbookId, version, updatedAt },
      playbooks: [playbook()],
      observations: [],
      recommendations: [],
      hasMore: false,
    },
  })
  const made = await clientWith({
    ...options,
    fetch: (url, { body, headers }) => {
      const call = new URL(url).pathname
      // Live pokes are none of these tests' concern.
      if (call.startsWith('/trpc/')) return Promise.resolve(new Response('', { status: 404 }))
      calls.push(call === '/v1/sync/batch' ? 'batch' : 'session')
      if (calls.at(-1) === 'session') return Promise.resolve(Response.json(SESSION))
      const text = typeof body === 'string' ? body : gunzipSync(body ?? '').toString()
      const { syncId, ...batch } = JSON.parse(text) as Sent & { syncId: string }
      batches.push({ ...batch, url, token: new Headers(headers).get('x-device-token') })
      return Promise.resolve(Response.json(answer(syncId, batch.upserts)))
    },
  })
  return { ...made, batches, calls }
}

const newWind = {
  playbookId: playbook().playbookId,
  reason: 'calmer evenings',
  operations: [{ op: 'replace' as const, path: '/rules/rule_pm_moderate/constraints/maxWindKph', value: 10 }],
}

describe('what a program says of its device', () => {
  it.each<[string, Partial<SyncingClientOptions>, object | null]>([
    ['nothing', {}, null],
    ['its role', { role: 'scout' }, { code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED' }],
    ['its grants', { grants: () => [] }, { reason: 'grant' }],
    ['that changes take two', { fourEyes: () => true }, { reason: 'four_eyes' }],
  ])('[ENG-23] shows in the likely conflict of a patch: %s', async (_what, options, likelyConflict) => {
    const { client } = await acceptedClient(options)
    expect(await client.sync()).toMatchObject({ state: 'idle' })
    const preview = await client.preview.patch(newWind)
    if (likelyConflict === null) expect(preview).toEqual({ ok: true, likelyConflict })
    else expect(preview).toMatchObject({ ok: true, likelyConflict })
  })

  it('counts for its batches: settings of the engine', async () => {
    const { client, batches } = await acceptedClient({ settings: { batchRecords: 1 } })
    for (let i = 0; i < 2; i++) {
      await client.saveObservation({ ...note(), observationId: client.ids.observation() })
    }
    await client.sync()
    expect(batches.map(({ upserts }) => upserts['observations']?.length ?? 0).slice(0, 2)).toEqual([1, 1])
  })

  it('is called back with what a listener throws', async () => {
    const errors: unknown[] = []
    const { client } = await acceptedClient({ onListenerError: (error) => errors.push(error) })
    const broken = new Error('a broken listener')
    client.subscribe(() => {
      throw broken
    })
    await client.sync()
    expect(errors).toContain(broken)
  })

  it('[ENG-19, ENG-31] begins to sync when it is started, and asks who the server is after a new credential', async () => {
    const { client, calls } = await acceptedClient()
    client.start()
    await vi.waitFor(() => expect(calls).toEqual(['session', 'batch']))
    await client.sync()
    calls.length = 0
    client.credentialsChanged()
    await client.sync()
    expect(calls[0]).toBe('session')
  })
})

describe('[ENG-35] what is unsent in the store of another device', () => {
  it.each([
    ['at the same address', undefined, 'https://sync.example.com'],
    ['at its own', 'https://old.example.com', 'https://old.example.com'],
  ])('is sent with its owner’s credential and id: %s', async (_where, url, address) => {
    const store = await openMemoryStore(new MemoryDisk())
    const owner = await acceptedClient({ store })
    await owner.client.sync()
    const observationId = owner.client.ids.observation()
    await owner.client.saveObservation({ ...note(), observationId })
    await owner.client.stop()

    const device = { ...DEVICE, deviceId: 'dev_scout_2' }
    for (const described of [device, () => device]) {
      const { client, batches } = await acceptedClient({ store, device: described })
      await client.sync()
      expect(client.status()).toMatchObject({
        pending: 1,
        foreign: { reason: 'other_device', owner: { deviceId: DEVICE.deviceId } },
      })
      expect(batches).toEqual([])
      const connection = { credentials: deviceToken('token of its owner'), ...(url && { url }) }
      if (described === device) {
        // A look at the store of a device that says what it is changes nothing.
        continue
      }
      expect(await client.foreign.send(connection)).toMatchObject({
        state: 'idle',
        pending: 0,
        foreign: null,
      })
      expect(batches[0]).toMatchObject({
        url: `${address}/v1/sync/batch`,
        token: 'token of its owner',
        device: { ...DEVICE },
        upserts: { observations: [{ observationId }] },
      })
      expect(client.status()).toMatchObject({ pending: 0, foreign: { reason: 'other_device' } })
    }
  })
})

describe('a client', () => {
  it('stores what is written, and sends it by its own clock and ids', async () => {
    const { client, sent } = await clientWith()
    const id = client.ids.observation()
    expect(id).toMatch(/^obs_20260212_/)
    expect(await client.saveObservation({ ...note(), observationId: id })).toMatchObject({ ok: true })
    expect(client.status()).toMatchObject({ pending: 1 })
    void client.sync()
    expect(await sent.next()).toMatchObject({
      device: { ...DEVICE, offlineModeEnabled: true, updatedAt: '2026-02-12T08:00:00.000Z' },
      upserts: { observations: [{ observationId: id }] },
    })
  })

  it('sends its device as the app describes it at that time', async () => {
    let appVersion = '1.0.0'
    const changed = { offlineModeEnabled: false, updatedAt: '2026-02-11T00:00:00Z' }
    const { client, sent } = await clientWith({ device: () => ({ ...DEVICE, ...changed, appVersion }) })
    appVersion = '2.0.0'
    await client.saveObservation({ ...note(), observationId: client.ids.observation() })
    void client.sync()
    expect(await sent.next()).toMatchObject({ device: { ...DEVICE, ...changed, appVersion: '2.0.0' } })
  })

  it('names all that is wrong with a device', async () => {
    const made = clientWith({ device: { ...DEVICE, deviceId: 'Scout 1', appVersion: 'x'.repeat(513) } })
    await expect(made).rejects.toThrow(
      /^The device description is invalid: deviceId must look like dev_scout_1; appVersion .+$/,
    )
  })

  it('[ENG-19] listens for the foreground from start to stop, once', async () => {
    const listeners = new Set<() => void>()
    const { client } = await clientWith({
      onForeground: (callback) => {
        listeners.add(callback)
        return () => listeners.delete(callback)
      },
    })
    expect(listeners.size).toBe(0)
    client.start()
    client.start()
    expect(listeners.size).toBe(1)
    await client.stop()
    expect(listeners.size).toBe(0)
    client.start()
    expect(listeners.size).toBe(1)
  })

  it('[ENG-35] without a foreign store sends nothing for another owner', async () => {
    const { client, sent } = await clientWith()
    const status = await client.foreign.send({ credentials: deviceToken('another token') })
    expect(status).toMatchObject({ foreign: null, pending: 0 })
    expect(sent.size).toBe(0)
  })

  it('[ENG-77] replaces the key of its credentials, and says so where there is none', async () => {
    await expect((await clientWith()).client.rotateKey()).rejects.toThrow('This device has no key.')
    let rotated = 0
    const credentials = { ...deviceToken('token'), rotate: () => Promise.resolve(void rotated++) }
    await (await clientWith({ credentials })).client.rotateKey()
    await createFieldsyncClient({ url: 'https://sync.example.com', credentials }).rotateKey()
    expect(rotated).toBe(2)
  })

  it('without a store has calls only', () => {
    const client = createFieldsyncClient({
      url: 'https://sync.example.com',
      credentials: deviceToken('token'),
    })
    expect(Object.keys(client).toSorted()).toEqual(['api', 'credentialsChanged', 'liveWeather', 'rotateKey'])
    expect(() => client.credentialsChanged()).not.toThrow()
  })
})
