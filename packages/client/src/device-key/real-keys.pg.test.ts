import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { observation } from '@fieldsync/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'

import { createFieldsyncClient } from '../create-fieldsync-client.ts'
import { deviceToken } from '../credentials/credential-provider.ts'
import type { DeviceSigner } from '../credentials/device-signer.ts'
import { connectServer } from '../server-connection.ts'
import { Arrivals } from '../testing/arrivals.ts'
import { newSigner, SetClock } from '../testing/key-device.ts'
import { realServer } from '../testing/real-server.ts'
import { deviceKey } from './device-key.ts'
import { enrollDevice } from './enroll-device.ts'

const DAY = 86_400_000
const DEVICE = { platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' } as const
const ADMIN_TOKEN = 'pre-shared-token-of-dev_admin'

const { url } = await realServer({ DEVICE_TOKENS: `ws_ridge/dev_admin#admin=${ADMIN_TOKEN}` })
const admin = createFieldsyncClient({ url, credentials: deviceToken(ADMIN_TOKEN) }).api

async function codeFor(deviceId: string): Promise<string> {
  const { code } = await admin.devices.openEnrollment.mutate({ deviceId, role: 'scout' })
  if (code === null) throw new Error('the enrollment has no code')
  return code
}

let devices = 0

/** A device that has enrolled at the real server, with a client. */
async function enrolledDevice(offMs = 0) {
  const deviceId = `dev_keyed_${(devices += 1)}`
  const clock = new SetClock(Date.now() + offMs)
  const signer = await newSigner()
  const enroll = async (key: DeviceSigner = signer) =>
    enrollDevice({ url, code: await codeFor(deviceId), device: DEVICE, signer: key, clock })
  const { clientId } = await enroll()
  const credentials = deviceKey({ url, clientId, signer, clock })
  const client = createFieldsyncClient({
    url,
    clock,
    credentials,
    store: await openMemoryStore(new MemoryDisk()),
    settings: { firstBackoff: 1, longestBackoff: 2 },
    device: { ...DEVICE, deviceId },
  })
  onTestFinished(() => client.stop())
  const write = async (): Promise<void> => {
    const { deterministicChecksum: _own, updatedAt: _at, ...record } = observation({ status: 'draft' })
    const draft = { ...record, deviceId, observationId: client.ids.observation() }
    expect(await client.saveObservation(draft)).toMatchObject({ ok: true })
  }
  return { deviceId, clientId, clock, signer, enroll, credentials, client, write }
}

describe('a device with a key at the real server', () => {
  it.each([0, DAY, -DAY])(
    '[ENG-72, ENG-73, ENG-74] enrolls, syncs and calls with a clock that is %d ms off',
    async (offMs) => {
      const { client, deviceId, write } = await enrolledDevice(offMs)
      await write()
      expect(await client.sync()).toMatchObject({ state: 'idle', pending: 0, problem: null })
      expect(await client.api.session.get.query()).toMatchObject({ deviceId, role: 'scout' })
      await expect(client.api.devices.revoke.mutate({ deviceId })).rejects.toMatchObject({
        code: 'FORBIDDEN',
      })
    },
  )

  it('[WTH-8, ENG-72] gets live weather by a token of its own, which its other calls go on without', async () => {
    const { client } = await enrolledDevice()
    const place = { lat: 38.5449, lon: -121.7405 }
    // This server asks no weather service.
    const none = { source: 'none', provider: null, features: { sourceMode: 'none' } }
    expect(await client.liveWeather(place)).toMatchObject(none)
    expect(await client.api.session.get.query()).toMatchObject({ role: 'scout', weather: 'off' })
    expect(await client.liveWeather(place)).toMatchObject(none)
    const old = createFieldsyncClient({ url, credentials: deviceToken(ADMIN_TOKEN) })
    await expect(old.liveWeather(place)).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('an access token of the scope weather:live'),
      details: { reason: 'scope' },
    })
  })

  it('[ENG-75] gets the same answer to the same code and key, and none to another key', async () => {
    const signer = await newSigner()
    const code = await codeFor('dev_keyed_twice')
    const enroll = (key: DeviceSigner) => enrollDevice({ url, code, device: DEVICE, signer: key })
    const first = await enroll(signer)
    expect(first).toMatchObject({ clientId: 'ws_ridge/dev_keyed_twice', deviceId: 'dev_keyed_twice' })
    expect(await enroll(signer)).toEqual(first)
    await expect(enroll(await newSigner())).rejects.toMatchObject({ code: 'ENROLLMENT_INVALID', status: 410 })
  })

  it('[ENG-28, ENG-74] that is revoked keeps its queue, and sends it after it has enrolled again', async () => {
    const { client, deviceId, write, enroll } = await enrolledDevice()
    await write()
    await client.sync()
    await admin.devices.revoke.mutate({ deviceId })
    await write()
    expect(await client.sync()).toMatchObject({
      state: 'auth_required',
      pending: 1,
      problemDetail: { code: 'AUTH_REQUIRED', reason: 'revoked', action: 're_enrol' },
    })
    await enroll()
    client.credentialsChanged()
    expect(await client.sync()).toMatchObject({ state: 'idle', pending: 0 })
  })

  it('[ENG-73] works in two tabs at once, each with tokens of its own', async () => {
    const { client, clientId, clock, signer, write } = await enrolledDevice()
    const other = createFieldsyncClient({
      url,
      clock,
      credentials: deviceKey({ url, clientId, signer, clock }),
    })
    await write()
    const [status] = await Promise.all([
      client.sync(),
      ...Array.from({ length: 5 }, () => other.api.session.get.query()),
    ])
    expect(status).toMatchObject({ state: 'idle', pending: 0 })
  })

  it('[LIV-10, ENG-72] is poked over a stream that its key has opened', async () => {
    const { client, credentials, write } = await enrolledDevice()
    const pokes = new Arrivals<'poke'>()
    onTestFinished(connectServer({ url, credentials }).poke.subscribe(() => pokes.add('poke')))
    await pokes.next()
    await write()
    await client.sync()
    await pokes.next()
  })
})
