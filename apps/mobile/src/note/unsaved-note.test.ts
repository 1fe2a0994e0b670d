import { createFieldsyncClient, deviceToken } from '@fieldsync/client'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { describe, expect, it } from 'vitest'

import { firstValues, newDraft } from './note-values.ts'
import { findUnsaved, unsavedNoteOf, unsavedText } from './unsaved-note.ts'

const FIRST = firstValues('Block 7')
const BEGUN = { ...FIRST, rawNoteText: 'White powder', symptoms: ['white patches'] }

describe('an unsaved note', () => {
  it('comes back as it was left', () => {
    const note = { values: BEGUN, savedAs: null }
    expect(unsavedNoteOf(unsavedText(note, FIRST))).toEqual(note)
  })

  it('is none before anything is filled in', () => {
    expect(unsavedText({ values: FIRST, savedAs: null }, FIRST)).toBe('')
    expect(unsavedText(null, FIRST)).toBe('')
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
  const kept = { read: async () => unsavedText({ values: BEGUN, savedAs }, FIRST) }
  const observationsOf = async () => {
    const { observations } = createFieldsyncClient({
      url: 'http://127.0.0.1:1',
      credentials: deviceToken('token'),
      store: await openMemoryStore(new MemoryDisk()),
      device: { deviceId: 'dev_scout_1', platform: 'web', appVersion: '1', modelPackageVersion: 'none' },
    })
    return observations
  }

  it('is offered again where it was not stored', async () => {
    expect(await findUnsaved(kept, await observationsOf())).toEqual(BEGUN)
  })

  it('is not offered again where it was', async () => {
    const observations = await observationsOf()
    const saved = await observations.save(
      newDraft(BEGUN, {
        observationId: savedAs,
        deviceId: 'dev_scout_1',
        at: '2026-06-14T17:05:00.000Z',
        location: { lat: 38.5, lon: -121.7 },
        status: 'draft',
      }),
    )
    expect(saved).toMatchObject({ ok: true })
    expect(await findUnsaved(kept, observations)).toBeNull()
  })
})
