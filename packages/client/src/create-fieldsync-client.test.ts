import { gunzipSync } from 'node:zlib'

import { CONTRACT_VERSION } from '@fieldsync/contracts'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { observation } from '@fieldsync/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'

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
    expect(Object.keys(client).toSorted()).toEqual(['api', 'credentialsChanged', 'rotateKey'])
    expect(() => client.credentialsChanged()).not.toThrow()
  })
})
