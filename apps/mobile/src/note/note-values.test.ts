import { Observation } from '@fieldsync/contracts'
import { observation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { textsIn } from '../texts/texts.ts'
import { noteProblems } from './note-problems.ts'
import {
  changesOf,
  editedDraft,
  firstValues,
  issuesOf,
  newDraft,
  type NoteValues,
  valuesOf,
} from './note-values.ts'

const NEW = {
  observationId: 'obs_20260614_01KH7XQ4TNE5GZ3V8W2M6RYB9C',
  deviceId: 'dev_scout_1',
  at: '2026-06-14T17:05:00.000Z',
  location: { lat: 38.5, lon: -121.7 },
  status: 'draft',
} as const

const { t } = textsIn('en')
const stored = (): Observation => Observation.parse(observation({}, seededRandom(3)))
const values = (change: Partial<NoteValues> = {}): NoteValues => ({
  ...firstValues('Block 7'),
  rawNoteText: 'White powder',
  ...change,
})
const problems = (change: Partial<NoteValues>) =>
  noteProblems(t, values(change), issuesOf(newDraft(values(change), NEW)))

describe('a new note', () => {
  it('needs its words alone', () => {
    const draft = newDraft(values(), NEW)
    expect(issuesOf(draft)).toEqual([])
    expect(draft.extraction.symptoms).toEqual(['White powder'])
  })

  it('makes of long words without a symptom one that the contract takes', () => {
    const draft = newDraft(values({ rawNoteText: '🍇'.repeat(2000) }), NEW)
    expect(issuesOf(draft)).toEqual([])
  })

  it('has no symptom of its old words once its words are changed', () => {
    const draft = Observation.parse({ ...newDraft(values(), NEW), deterministicChecksum: 'sha256:00000000' })
    const edited = editedDraft({ ...valuesOf(draft), rawNoteText: 'Rust' }, draft)
    expect(edited.extraction.symptoms).toEqual(['Rust'])
  })

  it.each([
    ['rawNoteText', { rawNoteText: '  ' }, 'Write a few words about what you see'],
    [
      'rawNoteText',
      { rawNoteText: 'a'.repeat(20_001), symptoms: ['wilting'] },
      'Too long: at most 20,000 characters',
    ],
    ['fieldBlock', { fieldBlock: 'b'.repeat(513) }, 'Too long: at most 512 characters'],
    ['symptoms', { symptoms: ['s'.repeat(513)] }, 'Too long: at most 512 characters'],
    ['windEstimateKph', { windEstimateKph: '121' }, 'A number from 0 to 120'],
    ['windEstimateKph', { windEstimateKph: 'calm' }, 'A number from 0 to 120'],
    ['windEstimateKph', { windEstimateKph: '' }, 'A number from 0 to 120'],
  ] as const)('tells at %s what the contract says against it', (field, change, text) => {
    expect(problems(change)).toEqual({ byField: { [field]: text }, elsewhere: [] })
  })

  it('takes a comma for a point', () => {
    expect(newDraft(values({ windEstimateKph: ' 4,5 ' }), NEW).normalization.windEstimateKph).toBe(4.5)
  })
})

describe('a stored note in the form', () => {
  it('is the same again when nothing is changed', () => {
    const note = stored()
    const { deterministicChecksum: _checksum, updatedAt: _time, ...kept } = note
    expect(editedDraft(valuesOf(note), note)).toEqual(kept)
  })

  it('keeps what the form does not show', () => {
    const note = stored()
    const changed = changesOf({ ...valuesOf(note), severity: 'high', rawNoteText: 'Other words' }, note)
    expect(changed.extraction).toEqual({ ...note.extraction, severity: 'high' })
    expect(changed.transcription).toEqual({ text: 'Other words', source: 'manual_typed', confidence: 1 })
    expect(changed.normalization).toEqual(note.normalization)
  })
})
