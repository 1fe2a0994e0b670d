import { createFieldsyncClient, deviceToken } from '@fieldsync/client'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { describe, expect, it } from 'vitest'

import { inputOf } from '../data/unsaved-input.ts'
import { FIRST_VALUES, newDraft } from './note-values.ts'
import { UnsavedNote, unsavedText, unsavedValues } from './unsaved-note.ts'

const unsavedNoteOf = (text: string | null) => inputOf(UnsavedNote, text)

const STARTED = '2026-06-14T17:05:00.000Z'
const BEGUN = {
  ...FIRST_VALUES,
  rawNoteText: 'White powder',
  symptoms: ['white patches'],
  startedAt: STARTED,
  seenAt: STARTED,
  fix: { lat: 38.5, lon: -121.7, source: 'gps' as const, accuracyM: 7 },
}

describe('an unsaved note', () => {
  it('[APP-11] comes back as it was left, with the time and place of when it was started', () => {
    const note = { values: BEGUN, savedAs: null }
    expect(unsavedNoteOf(unsavedText(note))).toEqual(note)
  })

  it('[APP-10] of an older app comes back without what that app had chosen by itself', () => {
    const old = {
      rawNoteText: 'Polvo',
      issue: 'powdery_mildew',
      severity: 'low',
      fieldBlock: 'Bloque 7',
      symptoms: ['polvo blanco en hojas'],
      leafWetness: 'damp',
      windEstimateKph: '0',
    }
    const read = (change: object) =>
      unsavedNoteOf(JSON.stringify({ values: { ...old, ...change }, savedAs: null }))?.values
    expect(read({})).toEqual({
      ...FIRST_VALUES,
      rawNoteText: 'Polvo',
      fieldBlock: 'Bloque 7',
      symptoms: ['white powder on leaves'],
      leafWetness: 'damp',
    })
    expect(read({ issue: 'heat_stress', severity: 'high', windEstimateKph: '12' })).toMatchObject({
      issue: 'heat_stress',
      severity: 'high',
      windEstimateKph: '12',
    })
  })

  it('is none before anything is filled in', () => {
    expect(unsavedText({ values: FIRST_VALUES, savedAs: null })).toBe('')
    expect(unsavedText(null)).toBe('')
  })

  it.each([null, '', '{', 'null', '{"values":{"rawNoteText":"of an older app"},"savedAs":null}'])(
    'is none in %j',
    (text) => {
      expect(unsavedNoteOf(text)).toBeNull()
    },
  )
})

describe('a note that was about to be saved when the app went away', () => {
  const savedAs = 'obs_20260614_01KH7XQ4TNE5GZ3V8W2M6RYB9C'
  const started = { values: BEGUN, savedAs }
  const openClient = async () => {
    return createFieldsyncClient({
      url: 'http://127.0.0.1:1',
      credentials: deviceToken('token'),
      store: await openMemoryStore(new MemoryDisk()),
      device: { deviceId: 'dev_scout_1', platform: 'web', appVersion: '1', modelPackageVersion: 'none' },
    })
  }

  it('is offered again where it was not stored', async () => {
    expect(await unsavedValues(started, await openClient())).toEqual(BEGUN)
  })

  it('is not offered again where it was', async () => {
    const client = await openClient()
    const saved = await client.saveObservation(
      newDraft(BEGUN, {
        observationId: savedAs,
        deviceId: 'dev_scout_1',
        place: { lat: 38.5, lon: -121.7 },
        status: 'draft',
      }),
    )
    expect(saved).toMatchObject({ ok: true })
    expect(await unsavedValues(started, client)).toBeNull()
  })
})
