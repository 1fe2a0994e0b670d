import { readFileSync } from 'node:fs'

import { CONTRACT_VERSION, type Observation } from '@fieldsync/contracts'
import type { BatchAnswer } from '@fieldsync/sync-engine'
import type { ObservationInput } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import type { TestDevice } from '../testing/test-device.ts'
import { testWorld } from '../testing/test-world.ts'

const PINNED = new URL('../../../../sync-engine/src/engine/pinned/contract-1.3.0.json', import.meta.url)
// The file has the schemas of requests, responses and sessions.
const { request } = JSON.parse(readFileSync(PINNED, 'utf8')) as { request: z.core.JSONSchema.JSONSchema }
const REQUEST_130 = z.fromJSONSchema(request)

const NEW = {
  notObserved: ['/normalization/windEstimateKph'],
  location: { lat: 38.5, lon: -121.7, source: 'gps', accuracyM: 12 },
} satisfies Partial<ObservationInput>

const shownBy = async (device: TestDevice, id: string) =>
  (await device.engine.record('observation', id))?.document

/** A device, a note of it with all that came with 1.4.0, and the server of 1.3.0 that has taken it. */
async function atOldServer(overrides: Partial<ObservationInput> = {}) {
  const world = await testWorld()
  world.server.model.setBuild({ contract: null })
  const note = await world.anna.saved({ ...NEW, ...overrides })
  await world.anna.sync()
  return { ...world, note, id: note.observationId }
}

describe('a server of an older contract', () => {
  it('[ENG-32, HSH-4] is sent what it knows; the rest stays beside it on the device, and never goes out by itself', async () => {
    const { anna, server, note, id } = await atOldServer()
    const { notObserved: _left, location, ...rest } = note
    expect(server.observation(id)).toEqual({ ...rest, location: { lat: location.lat, lon: location.lon } })
    expect(await shownBy(anna, id)).toEqual(note)
    expect(anna.position.stateHash).toBe(server.stateHash())
    expect(await anna.findings()).toEqual([])
    server.model.setBuild({ contract: '1.4.0' })
    for (let i = 0; i < 3; i++) {
      await anna.restart()
      await anna.sync()
    }
    expect(anna.sent.flatMap(({ upserts }) => upserts.observations)).toHaveLength(1)
    expect(anna.eventsOf('drift')).toEqual([])
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 0 })
  })

  it('[ENG-33] after the server’s upgrade the fields go out with the next edit of a draft', async () => {
    const { anna, ben, server, id } = await atOldServer()
    server.model.setBuild({ contract: '1.4.0' })
    const shown = await shownBy(anna, id)
    await anna.restart()
    await anna.engine.saveObservation({ ...(shown as Observation), rawNoteText: 'more of it' })
    await anna.sync()
    expect(server.observation(id)).toMatchObject({ ...NEW, rawNoteText: 'more of it' })
    expect(anna.tables.records.get(`observation/${id}`)).not.toHaveProperty('withheld')
    await ben.sync()
    expect(ben.position.stateHash).toBe(anna.position.stateHash)
  })

  it('[ENG-33] of a confirmed note they wait for a correction: a change of status takes nothing along', async () => {
    const { anna, server, id } = await atOldServer({ status: 'confirmed' })
    server.model.setBuild({ contract: '1.4.0' })
    await anna.restart()
    const shown = (await shownBy(anna, id)) as Observation
    await anna.engine.saveObservation({ ...shown, status: 'logged' })
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ conflicts: 0, pending: 0 })
    expect(server.observation(id)).toMatchObject({ status: 'logged' })
    expect(server.observation(id)).not.toHaveProperty('notObserved')
    expect(await shownBy(anna, id)).toMatchObject(NEW)
    await anna.engine.correct(id, { rawNoteText: 'looked again' }, 'a second look')
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ conflicts: 0, pending: 0 })
    expect(server.observation(id)).toMatchObject({ ...NEW, rawNoteText: 'looked again' })
    expect(anna.position.stateHash).toBe(server.stateHash())
  })

  it('[ENG-36] that refuses a newer batch blames no note: the batch is built again for it, under another syncId', async () => {
    const { anna, server } = await testWorld()
    await anna.sync()
    server.model.setBuild({ contract: null })
    const notes = [await anna.saved(NEW), await anna.saved(), await anna.saved(NEW)]
    await anna.sync()
    const [refused, sent] = anna.sent.slice(1)
    expect(refused?.upserts.observations).toEqual(notes)
    expect(sent?.syncId).not.toBe(refused?.syncId)
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 0, conflicts: 0 })
    expect(anna.eventsOf('quarantined')).toEqual([])
    for (const note of notes) expect(await shownBy(anna, note.observationId)).toEqual(note)
    expect(anna.position.stateHash).toBe(server.stateHash())
  })

  it('[ENG-36, ENG-3] a batch that was in flight over the rollback is given up, also after a restart', async () => {
    const { anna, server } = await testWorld()
    await anna.sync()
    const note = await anna.saved(NEW)
    anna.link.next('unsent', 'unsent', 'unsent')
    await anna.sync()
    server.model.setBuild({ contract: null })
    await anna.restart()
    await anna.sync()
    expect(server.observation(note.observationId)).not.toHaveProperty('notObserved')
    expect(anna.engine.status()).toMatchObject({ pending: 0, quarantined: 0 })
  })

  it('[ENG-36, GUA-10] builds that are mixed behind one address take every note, and none twice', async () => {
    const { anna, server, ben } = await testWorld({ settings: { batchRecords: 1 } })
    let calls = 0
    // Every other call, and the session with it, comes to the older build.
    anna.link.instead = () => {
      server.model.setBuild({ contract: calls++ % 2 === 0 ? null : '1.4.0' })
      return null
    }
    for (let i = 0; i < 6; i++) await anna.saved(i % 2 === 0 ? NEW : {})
    for (let i = 0; i < 4; i++) await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 0, conflicts: 0 })
    server.model.setBuild({ contract: '1.4.0' })
    await ben.sync()
    expect(await ben.engine.records('observation')).toHaveLength(6)
    expect(ben.position.stateHash).toBe(server.stateHash())
  })

  it('[ENG-12, ENG-36] a server of the batch’s own version still names the note that breaks the contract', async () => {
    const { anna, server } = await testWorld()
    await anna.sync()
    const bad = await anna.saved()
    await anna.saved(NEW)
    server.model.setBuild({
      refuses: (record) => 'observationId' in record && record.observationId === bad.observationId,
    })
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 0, quarantined: 1 })
    // The same of a server that announces nothing, once the batch is built for it.
    const old = await testWorld()
    old.server.model.setBuild({ contract: null })
    const worse = await old.anna.saved(NEW)
    old.server.model.setBuild({
      refuses: (record) => 'observationId' in record && record.observationId === worse.observationId,
    })
    await old.anna.sync()
    expect(old.anna.engine.status()).toMatchObject({ pending: 0, quarantined: 1 })
  })

  it('[ENG-32] a write that it had taken without the fields is recognized when its answer was lost for good', async () => {
    const { anna, server } = await testWorld()
    server.model.setBuild({ contract: null })
    await anna.sync()
    const note = await anna.saved({ ...NEW, status: 'confirmed' })
    anna.link.next('lost', server.refuse('IDEMPOTENCY_CONFLICT'))
    await anna.sync()
    server.model.setBuild({ contract: '1.4.0' })
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
    expect(await shownBy(anna, note.observationId)).toEqual(note)
    expect(anna.position.stateHash).toBe(server.stateHash())
  })

  it('[ENG-31] is remembered by its last announcement, over restarts; the first contact is the session', async () => {
    const { anna } = await testWorld()
    anna.link.next((answer) => ({ ...answer, contract: '1.7.2' }))
    await anna.sync()
    expect(anna.link.sessions).toBe(1)
    expect(anna.tables.values.get('contact')).toMatchObject({ contract: '1.7.2' })
    // Junk and silence say nothing.
    for (const contract of ['latest', '1.4', '']) {
      anna.link.next((answer) => ({ ...answer, contract }))
      await anna.sync()
    }
    anna.link.next(({ contract: _taken, ...answer }) => answer)
    await anna.sync()
    expect(anna.tables.values.get('contact')).toMatchObject({ contract: '1.7.2' })
    expect(anna.link.sessions).toBe(1)
    await anna.restart()
    await anna.sync()
    expect(anna.link.sessions).toBe(2)
    expect(anna.tables.values.get('contact')).toMatchObject({ contract: CONTRACT_VERSION })
  })
})

describe('a batch to a server of 1.3.0', () => {
  it('[ENG-32] keeps the schemas of that contract, reports and pulls included', async () => {
    const { anna, server } = await testWorld()
    server.model.setBuild({ contract: null })
    for (const status of ['draft', 'confirmed'] as const) {
      await anna.saved({
        status,
        notObserved: ['/normalization/windEstimateKph', '/location'],
        location: { lat: 38.5, lon: -121.7, source: 'last_known', accuracyM: 4_000 },
      })
    }
    await anna.sync()
    await anna.sync()
    expect(anna.sent.length).toBeGreaterThan(1)
    for (const batch of anna.sent) expect(REQUEST_130.safeParse(batch).error).toBeUndefined()
    expect(anna.engine.status()).toMatchObject({ pending: 0, quarantined: 0 })
  })
})

describe('a server of a newer contract', () => {
  const LATER = { weatherStation: 'wst_7', location: { lat: 38.5, lon: -121.7, datum: 'NAD83' } }

  it('[ENG-34] an edit keeps the keys that this build does not know, toward servers that have them', async () => {
    const { anna, ben, server } = await testWorld()
    const { observationId: id } = await ben.saved({ location: { lat: 38.5, lon: -121.7 } })
    await ben.sync()
    server.model.setBuild({ contract: '1.9.0' })
    anna.link.next((answer) => withKeys(answer, LATER))
    await anna.sync()
    expect(await shownBy(anna, id)).toEqual(server.observation(id))
    const shown = (await shownBy(anna, id)) as Observation
    anna.link.instead = accepting
    await anna.engine.saveObservation({ ...shown, rawNoteText: 'edited here' })
    await anna.sync()
    const sent = anna.sent.flatMap(({ upserts }) => upserts.observations).at(-1)
    expect(sent).toMatchObject({ ...LATER, rawNoteText: 'edited here' })
    expect(await shownBy(anna, id)).not.toHaveProperty('weatherStation')
    // The server went back to a version that lacks them.
    anna.link.instead = (call) => accepting(call, '1.8.0')
    await anna.sync()
    const edited = (await shownBy(anna, id)) as Observation
    await anna.engine.saveObservation({ ...edited, rawNoteText: 'edited again' })
    await anna.sync()
    const last = anna.sent.flatMap(({ upserts }) => upserts.observations).at(-1)
    expect(last?.rawNoteText).toBe('edited again')
    expect(last).not.toHaveProperty('weatherStation')
    expect(last?.location).toEqual({ lat: 38.5, lon: -121.7 })
  })
})

/** An answer as a newer server gives it: with keys in its records that this build does not know. */
function withKeys(answer: BatchAnswer, keys: object): BatchAnswer {
  const body = JSON.parse(answer.body) as { downstream: { observations: object[]; stateHash?: string } }
  body.downstream.observations = body.downstream.observations.map((each) => ({ ...each, ...keys }))
  delete body.downstream.stateHash
  return { ...answer, body: JSON.stringify(body) }
}

/** Accepts whatever comes, as a server does that knows it all. */
function accepting({ body }: { body: string }, contract = '1.9.0'): BatchAnswer {
  const { syncId, upserts } = JSON.parse(body) as { syncId: string; upserts: { observations: unknown[] } }
  const answer = {
    syncId,
    acceptedAt: '2026-02-12T09:00:00Z',
    serverCursor: '0.99',
    acceptedCounts: { observations: upserts.observations.length, recommendations: 0, playbookPatches: 0 },
    conflicts: [],
    downstream: {
      playbook: { playbookId: 'pbk_yolo_grape', version: 3, updatedAt: '2026-02-12T09:00:00Z' },
      observations: [],
      recommendations: [],
      hasMore: false,
    },
  }
  return { status: 200, body: JSON.stringify(answer), contract }
}
