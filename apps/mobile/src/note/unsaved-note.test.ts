import { createFieldsyncClient, deviceToken } from '@fieldsync/client'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { describe, expect, it } from 'vitest'

import { inputOf } from '../data/unsaved-input.ts'
import { FIRST_VALUES, newDraft } from './note-values.ts'
import { saveNewNote, UnsavedNote, unsavedText, unsavedValues } from './unsaved-note.ts'

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

describe('a note that is being saved when the app goes away', () => {
  const savedAs = 'obs_20260614_01KH7XQ4TNE5GZ3V8W2M6RYB9C'
  const draft = newDraft(BEGUN, {
    observationId: savedAs,
    deviceId: 'dev_scout_1',
    place: { lat: 38.5, lon: -121.7 },
    status: 'draft',
  })
  const openClient = async (disk: MemoryDisk) =>
    createFieldsyncClient({
      url: 'http://127.0.0.1:1',
      credentials: deviceToken('token'),
      store: await openMemoryStore(disk),
      device: { deviceId: 'dev_scout_1', platform: 'web', appVersion: '1', modelPackageVersion: 'none' },
    })

  /** What the next start finds: the note in the list, the form that offers it, or both. */
  async function afterDyingBefore(step: number): Promise<string[]> {
    const disk = new MemoryDisk()
    // It was kept as it was typed, long before anybody saved it.
    let written = unsavedText({ values: BEGUN, savedAs: null })
    const client = await openClient(disk)
    let done = 0
    const alive = async <T>(work: () => Promise<T>): Promise<T> => {
      if (done++ === step) throw new Error('killed')
      return await work()
    }
    const keeper = {
      saveNow: (note: UnsavedNote | null) =>
        alive(() => {
          written = unsavedText(note)
          return Promise.resolve()
        }),
    }
    const saving = {
      saveObservation: (given: typeof draft) => alive(() => client.saveObservation(given)),
    }
    await saveNewNote(keeper, saving, BEGUN, draft).catch(() => undefined)
    const restarted = await openClient(disk)
    const offered = await unsavedValues(unsavedNoteOf(written), restarted)
    return [
      ...(await restarted.records('observation')).map(({ document }) => `stored ${document.rawNoteText}`),
      ...(offered === null ? [] : [`offered ${offered.rawNoteText}`]),
    ]
  }

  it.each([
    ['it is kept under its id', 0, 'offered White powder'],
    ['it is stored', 1, 'offered White powder'],
    ['what was kept is forgotten', 2, 'stored White powder'],
    ['the app is closed', 3, 'stored White powder'],
  ])('[APP-2] before %s, it is stored or offered again, once', async (_moment, step, left) => {
    expect(await afterDyingBefore(step)).toEqual([left])
  })
})
