import { readFileSync } from 'node:fs'
import path from 'node:path'

import { createFieldsyncClient, deviceToken, type FieldsyncClient } from '@fieldsync/client'
import { Observation, type Severity, WeatherFeatures } from '@fieldsync/contracts'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { observation, testDatabase } from '@fieldsync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type AppWorld, OTHER, PHONE, SCOUT, startAppWorld, VIEWER } from '../testing/app-world.ts'
import type { FIRST_SETTINGS } from './app-settings.ts'
import { RecommendationIndex } from './recommendation-index.ts'
import { Recommender } from './recommender.ts'
import { rightsOf } from './rights.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startAppWorld((await testDatabase()).serverEnv)
}, 300_000)
afterAll(() => world[Symbol.asyncDispose]())

const STARTER = path.resolve(import.meta.dirname, '../../../../prisma/starter')
const DEMO = WeatherFeatures.parse(JSON.parse(readFileSync(path.join(STARTER, 'demo-weather.json'), 'utf8')))

type Device = { readonly deviceId: string; readonly token: string }

async function clientOf({ deviceId, token }: Device): Promise<FieldsyncClient> {
  const client = createFieldsyncClient({
    url: world.server.url,
    credentials: deviceToken(token),
    store: await openMemoryStore(new MemoryDisk()),
    device: { deviceId, platform: 'web', appVersion: '1.0.0', modelPackageVersion: 'none' },
  })
  await client.load()
  return client
}

type Role = (typeof FIRST_SETTINGS)['role']

/** What the app has around a client. */
function open(client: FieldsyncClient, { deviceId }: Device, role: Role = 'scout') {
  const errors: unknown[] = []
  let weather: WeatherFeatures | null = null
  const known: WeatherFeatures[] = []
  let ahead = 0
  const index = new RecommendationIndex({
    client,
    clock: () => performance.now(),
    after: (ms, work) => {
      const timer = setTimeout(work, ms)
      return () => clearTimeout(timer)
    },
    onFailure: (error) => error !== null && errors.push(error),
  })
  const recommender = new Recommender({
    client,
    index,
    deviceId: () => deviceId,
    weatherFor: () => Promise.resolve(weather),
    weatherOf: (id) => Promise.resolve(known.find((each) => each.weatherFeaturesId === id) ?? null),
    rights: () => rightsOf({ role, deviceId }),
    timeZone: () => 'America/Los_Angeles',
    now: () => Date.now() + ahead,
    onError: (error) => errors.push(error),
  })
  const ends = [index.open(), recommender.open()]
  return {
    index,
    recommender,
    errors,
    setWeather: (next: WeatherFeatures | null) => {
      weather = next
      if (next !== null) known.push(next)
    },
    /** The clock of this phone goes on. */
    wait: (ms: number) => {
      ahead += ms
    },
    close: () => {
      for (const end of ends) end()
    },
  }
}

/** A note that is seen now, as a form would hand it over. */
function noteBy({ deviceId }: Device, client: FieldsyncClient, severity: Severity = 'moderate') {
  const now = new Date().toISOString()
  const { deterministicChecksum: _made, ...note } = Observation.parse(
    observation({
      observationId: client.ids.observation(),
      deviceId,
      createdAt: now,
      extraction: {
        crop: 'grape',
        fieldBlock: 'Block 7',
        issue: 'powdery_mildew',
        severity,
        symptoms: ['white powder on leaves'],
        observationTime: now,
      },
    }),
  )
  return note
}

async function only(client: FieldsyncClient, observationId: string) {
  const found = (await client.records('recommendation')).filter(
    ({ document }) => document.observationId === observationId,
  )
  expect(found).toHaveLength(1)
  const [first] = found
  if (first === undefined) throw new Error('there is none')
  return first
}

async function stored(client: FieldsyncClient, id: string): Promise<Observation> {
  const view = await client.record('observation', id)
  if (view === null) throw new Error(`${id} is not there`)
  return view.document
}

describe('the recommender of a phone', () => {
  it('[APP-98] computes one when a note is saved, changes it with the note, and leaves it once it is confirmed', async () => {
    const client = await clientOf(PHONE)
    await client.sync()
    const parts = open(client, PHONE)
    const note = noteBy(PHONE, client)
    await client.saveObservation(note)
    await parts.recommender.settled()
    const first = await only(client, note.observationId)
    expect(first).toMatchObject({ status: 'pending', document: { severity: 'moderate', playbookVersion: 3 } })
    expect((await parts.index.ready()).currentOf(note.observationId).map(({ id }) => id)).toEqual([first.id])

    const before = await stored(client, note.observationId)
    const change = { ...before, extraction: { ...before.extraction, severity: 'high' as const } }
    await client.saveObservation(change, { basedOn: before })
    await parts.recommender.settled()
    const changed = await only(client, note.observationId)
    expect(changed).toMatchObject({ id: first.id, document: { severity: 'high' } })

    await client.saveRecommendation(
      { ...changed.document, status: 'confirmed' },
      { basedOn: changed.document },
    )
    const now = await stored(client, note.observationId)
    const back = { ...now, extraction: { ...now.extraction, severity: 'moderate' as const } }
    await client.saveObservation(back, { basedOn: now })
    await parts.recommender.settled()
    expect((await only(client, note.observationId)).document).toMatchObject({
      status: 'confirmed',
      severity: 'high',
    })
    expect(await client.sync()).toMatchObject({ pending: 0, conflicts: 0, quarantined: 0 })
    expect(parts.errors).toEqual([])
    parts.close()
  })

  it('[APP-98] makes up for what is missing: the app died after the note, or the playbook came later', async () => {
    const client = await clientOf(PHONE)
    const note = noteBy(PHONE, client)
    await client.saveObservation(note)
    const parts = open(client, PHONE)
    await parts.recommender.settled()
    expect(await client.records('recommendation')).toEqual([])
    await client.sync()
    await parts.recommender.settled()
    const found = await only(client, note.observationId)
    parts.close()

    const second = noteBy(PHONE, client)
    await client.saveObservation(second)
    const again = open(client, PHONE)
    await again.recommender.settled()
    await only(client, second.observationId)
    // What is there already stays as it is.
    expect((await only(client, note.observationId)).document).toEqual(found.document)
    again.close()
    const late = open(client, PHONE)
    late.wait(25 * 3_600_000)
    await late.recommender.settled()
    expect([...again.errors, ...late.errors, ...parts.errors]).toEqual([])
    late.close()
  })

  it('[APP-98, APP-102] follows the weather while it is new, and a note that is changed later keeps its own', async () => {
    const client = await clientOf(PHONE)
    await client.sync()
    const parts = open(client, PHONE)
    const note = noteBy(PHONE, client)
    await client.saveObservation(note)
    await parts.recommender.settled()
    const first = await only(client, note.observationId)
    parts.setWeather(DEMO)
    parts.recommender.weatherArrived()
    await parts.recommender.settled()
    const [newest, ...others] = (await parts.index.ready()).currentOf(note.observationId)
    expect(newest).toMatchObject({ supersedes: first.id, weatherFeaturesId: DEMO.weatherFeaturesId })
    expect(others).toEqual([])

    parts.setWeather(null)
    const before = await stored(client, note.observationId)
    const change = { ...before, extraction: { ...before.extraction, severity: 'high' as const } }
    await client.saveObservation(change, { basedOn: before })
    await parts.recommender.settled()
    const set = await parts.index.ready()
    expect(set.currentOf(note.observationId)).toMatchObject([{ id: newest?.id, severity: 'high' }])
    expect(await client.sync()).toMatchObject({ pending: 0, conflicts: 0, quarantined: 0 })
    expect(parts.errors).toEqual([])
    parts.close()
  })

  it('[APP-99] the same one of two phones is one record, and the one that loses asks nobody', async () => {
    const [mine, theirs] = [await clientOf(PHONE), await clientOf(OTHER)]
    await mine.sync()
    const note = noteBy(PHONE, mine)
    await mine.saveObservation(note)
    await mine.sync()
    await theirs.sync()
    const here = open(mine, PHONE)
    await here.recommender.settled()
    const there = open(theirs, OTHER, 'agronomist')
    there.wait(60_000)
    await there.recommender.forNote(note.observationId)
    await theirs.sync()
    await mine.sync()
    await here.recommender.settled()
    const [one, other] = [await only(mine, note.observationId), await only(theirs, note.observationId)]
    expect(one).toMatchObject({ id: other.id, status: 'synced', document: other.document })
    expect(await mine.conflicts()).toEqual([])
    expect([...here.errors, ...there.errors]).toEqual([])
    here.close()
    there.close()
  })

  it('[APP-99] a decision that loses waits for a person', async () => {
    const [mine, theirs] = [await clientOf(PHONE), await clientOf(OTHER)]
    await mine.sync()
    const here = open(mine, PHONE)
    const note = noteBy(PHONE, mine)
    await mine.saveObservation(note)
    await here.recommender.settled()
    await mine.sync()
    await theirs.sync()
    const { document } = await only(mine, note.observationId)
    await theirs.saveRecommendation({ ...document, status: 'rejected' }, { basedOn: document })
    await theirs.sync()
    await mine.saveRecommendation({ ...document, status: 'confirmed' }, { basedOn: document })
    await mine.sync()
    await here.recommender.settled()
    expect(await mine.conflicts()).toMatchObject([{ entityId: document.recommendationId }])
    here.close()
  })

  it.each([
    [VIEWER, 'viewer'],
    [SCOUT, 'scout'],
  ] as const)('[APP-100] computes nothing on %o for a note of others', async (device, role) => {
    const [author, reader] = [await clientOf(PHONE), await clientOf(device)]
    const note = noteBy(PHONE, author)
    await author.saveObservation(note)
    await author.sync()
    await reader.sync()
    const parts = open(reader, device, role)
    await parts.recommender.forNote(note.observationId)
    expect(
      (await reader.records('recommendation')).filter(
        ({ document }) => document.observationId === note.observationId,
      ),
    ).toEqual([])
    expect(parts.errors).toEqual([])
    parts.close()
  })
})
