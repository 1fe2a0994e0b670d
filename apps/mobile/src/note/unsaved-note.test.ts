import { describe, expect, it } from 'vitest'

import { firstValues } from './note-values.ts'
import { unsavedNoteOf, unsavedText } from './unsaved-note.ts'

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
