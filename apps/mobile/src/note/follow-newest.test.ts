import { Observation } from '@fieldsync/contracts'
import { observation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { beginEdit, decide, editedNote, followNewest, isStored, isUntouched } from './follow-newest.ts'

const NOTE = Observation.parse(
  observation({
    rawNoteText: 'powdry mildew',
    extraction: {
      crop: 'grape',
      fieldBlock: 'Block 7',
      issue: 'powdery_mildew',
      severity: 'low',
      symptoms: ['polvo blanco en las hojas'],
      observationTime: '2026-06-14T17:05:00.000Z',
    },
  }),
)

const typed = (rawNoteText: string) => {
  const edit = beginEdit(NOTE)
  return { ...edit, values: { ...edit.values, rawNoteText } }
}

const changed = (change: Partial<Observation['extraction']>, rawNoteText = NOTE.rawNoteText) => ({
  ...NOTE,
  rawNoteText,
  extraction: { ...NOTE.extraction, ...change },
})

describe('a form over a note that changes meanwhile', () => {
  it('[APP-1] takes over what nobody edits here, and keeps what is edited', () => {
    const newest = changed({ severity: 'high', variety: 'Syrah' })
    const { edit, taken, clashes } = followNewest(typed('powdery mildew'), newest)
    expect(edit.values).toMatchObject({ rawNoteText: 'powdery mildew', severity: 'high' })
    expect([taken, clashes]).toEqual([['severity'], []])
    expect(edit.base).toEqual(newest)
    expect(editedNote(edit)).toEqual({
      ...newest,
      rawNoteText: 'powdery mildew',
      transcription: { text: 'powdery mildew', source: 'manual_typed', confidence: 1 },
    })
  })

  it('[APP-1] leaves what both changed on the old base until a person has decided', () => {
    const newest = changed({ fieldBlock: 'Block 9' }, 'downy mildew')
    const { edit, taken, clashes } = followNewest(typed('powdery mildew'), newest)
    expect([taken, clashes]).toEqual([['fieldBlock'], ['rawNoteText']])
    expect(edit.base).toMatchObject({ rawNoteText: NOTE.rawNoteText, extraction: { fieldBlock: 'Block 9' } })
    expect(decide(edit, newest, 'rawNoteText', 'theirs').values.rawNoteText).toBe('downy mildew')
    const mine = decide(edit, newest, 'rawNoteText', 'mine')
    expect(mine.values.rawNoteText).toBe('powdery mildew')
    expect(mine.base).toEqual(newest)
    // Decided is decided, until it changes once more.
    expect(followNewest(mine, newest).clashes).toEqual([])
    expect(followNewest(mine, changed({}, 'botrytis')).clashes).toEqual(['rawNoteText'])
  })

  it('[APP-1] finds no clash where both wrote the same, and no edit in reading a note for the form', () => {
    expect(followNewest(typed('downy mildew'), changed({}, 'downy mildew')).clashes).toEqual([])
    expect(editedNote(beginEdit(NOTE))).toEqual(NOTE)
    expect(isUntouched(beginEdit(NOTE))).toBe(true)
    expect(isUntouched({ ...beginEdit(NOTE), reason: 'typo' })).toBe(false)
  })

  it('[APP-1] keeps coordinates that are half typed, and drops them where the person takes the newer place', () => {
    const started = beginEdit(NOTE)
    const edit = { ...started, values: { ...started.values, placeText: '38.5, -1' } }
    const newest = { ...NOTE, location: { lat: 38.6, lon: -121.6, source: 'map' as const } }
    expect(isUntouched(edit)).toBe(false)
    const followed = followNewest(edit, newest)
    expect([followed.taken, followed.clashes]).toEqual([[], ['place']])
    expect(followed.edit.values.placeText).toBe('38.5, -1')
    expect(editedNote(decide(followed.edit, newest, 'place', 'theirs'))).toEqual(newest)
  })
})

describe('an edit that was kept when the app went away', () => {
  const correction = {
    correctionId: 'corr_20260614_01KH7XQ4TNE5GZ3V8W2M6RYB9C',
    reason: 'Looked again',
    correctedAt: '2026-06-14T18:05:00.000Z',
    supersedes: NOTE.deterministicChecksum,
  }
  const edit = { ...typed('powdery mildew'), reason: 'Looked again ' }
  const saved = Observation.parse({ ...editedNote(edit), correction })

  it('[APP-2] is not offered again where it was saved', () => {
    expect(isStored(edit, saved)).toBe(true)
    expect(isStored({ ...edit, reason: '' }, { ...saved, correction: undefined })).toBe(true)
    // Others have changed something else since.
    expect(isStored(edit, { ...saved, extraction: { ...saved.extraction, severity: 'high' } })).toBe(true)
  })

  it.each([
    ['before it was saved', edit, NOTE],
    ['with more than was saved', { ...edit, values: { ...edit.values, severity: 'high' as const } }, saved],
    ['with a reason of its own', { ...edit, reason: 'Looked twice' }, saved],
    ['where others have changed the same since', edit, { ...saved, rawNoteText: 'rust' }],
  ])('[APP-2] is offered %s', (_when, found, newest) => {
    expect(isStored(found, newest)).toBe(false)
  })
})
