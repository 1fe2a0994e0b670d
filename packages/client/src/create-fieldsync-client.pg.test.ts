import type { EngineEvent } from '@fieldsync/sync-engine'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { observation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'

import {
  createFieldsyncClient,
  type FieldsyncClient,
  type SyncingClientOptions,
} from './create-fieldsync-client.ts'
import { deviceToken } from './credentials/credential-provider.ts'
import { narrowLink } from './testing/narrow-link.ts'
import { DEVICES, realServer, tokenOf } from './testing/real-server.ts'

const server = await realServer()
const rng = seededRandom(5)

/** A device with its own store, which syncs with the real server. */
async function deviceClient(
  deviceId: string,
  options: Partial<Pick<SyncingClientOptions, 'url' | 'store' | 'credentials' | 'limits' | 'settings'>> = {},
): Promise<FieldsyncClient> {
  const client = createFieldsyncClient({
    url: server.url,
    credentials: deviceToken(tokenOf(deviceId)),
    ...options,
    store: options.store ?? (await openMemoryStore(new MemoryDisk())),
    device: { deviceId, platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' },
  })
  onTestFinished(() => client.stop())
  return client
}

/** Resolves with the first event for which `wanted` is true. */
function event(client: FieldsyncClient, wanted: (event: EngineEvent) => boolean): Promise<EngineEvent> {
  return new Promise((resolve) => {
    const stop = client.subscribe((each) => {
      if (!wanted(each)) return
      stop()
      resolve(each)
    })
  })
}

const draft = (client: FieldsyncClient, deviceId: string) => {
  const {
    deterministicChecksum: _own,
    updatedAt: _at,
    ...record
  } = observation({ deviceId, status: 'draft' }, rng)
  return { ...record, observationId: client.ids.observation() }
}

describe('a client with a store', () => {
  it('writes without a network, and brings it to the server and to other devices', async () => {
    const [scout, agronomist] = [await deviceClient(DEVICES.scout), await deviceClient(DEVICES.agronomist)]
    const note = draft(scout, DEVICES.scout)
    const saved = await scout.saveObservation(note)
    expect(saved).toMatchObject({ ok: true, record: { id: note.observationId, status: 'pending' } })
    expect(scout.status()).toMatchObject({ state: 'idle', pending: 1 })
    expect(await scout.sync()).toMatchObject({ state: 'idle', pending: 0, problem: null })
    expect(await scout.record('observation', note.observationId)).toMatchObject({ status: 'synced' })
    await agronomist.sync()
    const seen = await agronomist.record('observation', note.observationId)
    expect(seen?.document).toMatchObject({ rawNoteText: note.rawNoteText, deviceId: DEVICES.scout })
    expect(await scout.api.observations.get.query({ observationId: note.observationId })).toEqual(
      seen?.document,
    )
  })

  it('[ENG-49, ENG-53, GUA-10] drains over a link that is slow and does not last, both ways', async () => {
    // A hundred times as fast as in a field, with time limits to match: 4 KiB/s, cut off after 4 KiB.
    const link = await narrowLink(server.url, { bytesPerSecond: 409_600, bytesPerConnection: 4_096 })
    const options = {
      url: link.url,
      limits: { answerMs: 200, totalMs: 600, slowestBytesPerSecond: 51_200, usualBytesPerSecond: 819_200 },
      settings: { firstBackoff: 1, longestBackoff: 2, firstDeferral: 3_600_000 },
    }
    const scout = await deviceClient(DEVICES.scout, options)
    // Incompressible text.
    const text = () => Array.from({ length: 400 }, () => String.fromCodePoint(rng.int(97, 122))).join('')
    for (let i = 0; i < 25; i++) {
      await scout.saveObservation({ ...draft(scout, DEVICES.scout), rawNoteText: text() })
    }
    for (let run = 0; run < 8 && scout.status().state !== 'idle'; run++) await scout.sync()
    for (let run = 0; run < 8 && scout.status().pending > 0; run++) await scout.sync()
    expect(scout.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 0 })
    const viewer = await deviceClient(DEVICES.viewer, options)
    for (let run = 0; run < 8 && viewer.status().lastSyncAt === null; run++) await viewer.sync()
    const all = { limit: 1_000 }
    // By id: each device lists them in the order in which they reached it.
    const sorted = async (device: typeof viewer) =>
      (await device.records('observation', all)).map(({ document }) => document).toSorted(byId)
    expect(await sorted(viewer)).toEqual(await sorted(scout))
    expect(link.state.cuts).toBeGreaterThan(2)
  })

  it('[LIV-2, LIV-10] learns of others’ writes by the server’s poke, long before its timer', async () => {
    const [scout, viewer] = [await deviceClient(DEVICES.scout), await deviceClient(DEVICES.viewer)]
    viewer.start()
    // The first may still arrive with the sync at start, the others only by pokes.
    for (let each = 0; each < 3; each++) {
      const note = draft(scout, DEVICES.scout)
      const arrived = event(
        viewer,
        (received) =>
          received.kind === 'downstream' && received.changed.some(({ id }) => id === note.observationId),
      )
      await scout.saveObservation(note)
      await scout.sync()
      await arrived
      expect(await viewer.record('observation', note.observationId)).toMatchObject({ status: 'synced' })
    }
  })

  it('gets a conflict and resolves it by one call', async () => {
    const [scout, agronomist] = [await deviceClient(DEVICES.scout), await deviceClient(DEVICES.agronomist)]
    const note = draft(scout, DEVICES.scout)
    await scout.saveObservation({ ...note, status: 'confirmed' })
    await scout.sync()
    await agronomist.sync()
    const { observationId } = note
    await agronomist.correct(observationId, { rawNoteText: 'Rust, not mildew.' }, 'looked again')
    await scout.correct(observationId, { rawNoteText: 'Mildew, on the lower leaves.' }, 'more exactly')
    await agronomist.sync()
    expect(await scout.sync()).toMatchObject({ conflicts: 1 })
    const [conflict] = await scout.conflicts()
    if (conflict === undefined) throw new Error('no conflict')
    expect(conflict).toMatchObject({
      entityId: observationId,
      losing: { rawNoteText: 'Mildew, on the lower leaves.' },
    })
    expect(await scout.resolve.acceptServer(conflict.id)).toMatchObject({ ok: true })
    expect(await scout.sync()).toMatchObject({ conflicts: 0, pending: 0 })
    const view = await scout.record('observation', observationId)
    expect(view).toMatchObject({ status: 'synced', document: { rawNoteText: 'Rust, not mildew.' } })
  })

  it('goes on with what its store holds, in another run of the program', async () => {
    const disk = new MemoryDisk()
    const before = await deviceClient(DEVICES.scout, { store: await openMemoryStore(disk) })
    const note = draft(before, DEVICES.scout)
    await before.saveObservation(note)
    const after = await deviceClient(DEVICES.scout, { store: await openMemoryStore(disk) })
    expect(await after.load()).toMatchObject({ pending: 1 })
    expect(await after.sync()).toMatchObject({ pending: 0 })
  })

  it('stops for a refused credential, and goes on with another', async () => {
    let token = 'nobody knows this token'
    const scout = await deviceClient(DEVICES.scout, {
      credentials: { headers: () => ({ 'x-device-token': token }), renew: () => Promise.resolve(false) },
    })
    await scout.saveObservation(draft(scout, DEVICES.scout))
    expect(await scout.sync()).toMatchObject({ state: 'auth_required', pending: 1 })
    token = tokenOf(DEVICES.scout)
    const accepted = event(scout, ({ kind }) => kind === 'accepted')
    scout.credentialsChanged()
    await accepted
  })
})

describe('a client', () => {
  it('without a store has calls only', async () => {
    const client = createFieldsyncClient({
      url: server.url,
      credentials: deviceToken(tokenOf(DEVICES.viewer)),
    })
    expect(Object.keys(client).toSorted()).toEqual(['api', 'credentialsChanged', 'liveWeather', 'rotateKey'])
    expect((await client.api.playbooks.list.query()).items).toHaveLength(1)
  })

  it.each(['sync.example.com', 'ftp://sync.example.com', ''])('does not take %j for an address', (url) => {
    expect(() => createFieldsyncClient({ url, credentials: deviceToken('token') })).toThrow(/url|URL/)
  })

  it('names what is wrong with a device', async () => {
    const store = await openMemoryStore(new MemoryDisk())
    const device = {
      deviceId: 'Scout 1',
      platform: 'web',
      appVersion: '1',
      modelPackageVersion: '1',
    } as const
    const make = () =>
      createFieldsyncClient({ url: server.url, credentials: deviceToken('token'), store, device })
    expect(make).toThrow('deviceId must look like dev_scout_1')
  })
})

const byId = (a: { observationId: string }, b: { observationId: string }): number =>
  a.observationId < b.observationId ? -1 : 1
