import { Observation } from '@fieldsync/contracts'
import { observed } from '@fieldsync/domain'
import { observation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { textsIn } from '../messages/messages.ts'
import { REGION } from './note-place.ts'
import { firstProblem, noteProblems } from './note-problems.ts'
import { instantOf, localText, shownTime } from './note-time.ts'
import {
  changesOf,
  editedDraft,
  FIRST_VALUES,
  issuesOf,
  newDraft,
  type NoteValues,
  valuesOf,
} from './note-values.ts'

const STARTED = '2026-06-14T17:05:23.456Z'
const NEW = {
  observationId: 'obs_20260614_01KH7XQ4TNE5GZ3V8W2M6RYB9C',
  deviceId: 'dev_scout_1',
  place: { lat: 38.5, lon: -121.7, source: 'gps', accuracyM: 12 },
  status: 'draft',
} as const
const WIND = '/normalization/windEstimateKph'

const texts = textsIn('en')
const stored = (): Observation => Observation.parse(observation({}, seededRandom(3)))
const values = (change: Partial<NoteValues> = {}): NoteValues => ({
  ...FIRST_VALUES,
  rawNoteText: 'White powder',
  issue: 'powdery_mildew',
  severity: 'high',
  symptoms: ['white powder on leaves'],
  startedAt: STARTED,
  seenAt: STARTED,
  ...change,
})
const problems = (change: Partial<NoteValues>) =>
  noteProblems(texts, values(change), issuesOf(newDraft(values(change), NEW)), Date.parse(STARTED))
const saved = (change: Partial<NoteValues>, place: Observation['location'] = NEW.place) =>
  Observation.parse({
    ...newDraft(values(change), { ...NEW, place }),
    deterministicChecksum: 'sha256:00000000',
  })

describe('a new note', () => {
  it('[APP-10] begins with nothing chosen, and asks for what only a person can say', () => {
    const { issue, severity, symptoms, windEstimateKph, fieldBlock, place } = FIRST_VALUES
    expect({ issue, severity, symptoms, windEstimateKph, fieldBlock, place }).toEqual({
      issue: null,
      severity: null,
      symptoms: [],
      windEstimateKph: '',
      fieldBlock: '',
      place: null,
    })
    const untouched = problems({ issue: null, severity: null, symptoms: [] })
    expect(Object.keys(untouched.byField)).toEqual(['issue', 'severity', 'symptoms'])
    expect(firstProblem(untouched)).toBe('issue')
    expect(firstProblem(problems({ severity: null, windEstimateKph: 'calm' }))).toBe('severity')
    expect(firstProblem(problems({}))).toBeNull()
  })

  it('[APP-11] is saved with no other place than the one that was typed', () => {
    const typedHalf = { placeText: '38.5449, -121.74O5', place: { lat: 1, lon: 2, source: 'map' } } as const
    expect(problems(typedHalf).byField).toEqual({ place: texts.t('problem.place') })
    expect(problems({ placeText: '38.5449, -121.7405' }).byField).toEqual({})
    expect(saved({ placeText: '38.5449, -121.7405' }).location).toEqual({
      lat: 38.5449,
      lon: -121.7405,
      source: 'map',
    })
    // What is typed and taken away again leaves no trace.
    expect(saved({ placeText: ' ' }).location).toEqual(NEW.place)
  })

  it('[APP-11] shows a time as it is typed, also with a T between day and hour', () => {
    const [day = '', clock = ''] = localText(STARTED).split(' ')
    expect(shownTime(STARTED)).toBe(`${day} ${clock}`)
    for (const half of [`${day}T`, `${day}T${clock.slice(0, 2)}`, `${day}T${clock}`])
      expect(shownTime(half)).toBe(half)
    expect(instantOf(`${day}T${clock}`)).toBe('2026-06-14T17:05:00.000Z')
    expect(problems({ seenAt: `${day}T` }).byField).toEqual({ seenAt: texts.t('problem.time') })
    expect(problems({ seenAt: '' }).byField).toEqual({ seenAt: texts.t('problem.time') })
  })

  it('[APP-10] names the wind that nobody estimated, and no wind that somebody did', () => {
    const open = saved({ windEstimateKph: ' ' })
    expect(open.notObserved).toEqual([WIND])
    expect(observed(open, WIND)).toBeUndefined()
    const calm = saved({ windEstimateKph: '0' })
    expect(calm.notObserved).toBeUndefined()
    expect(observed(calm, WIND)).toBe(0)
  })

  it('[APP-11] names a place that nobody knows, and says where any other comes from', () => {
    const lost = saved({ windEstimateKph: '3' }, REGION)
    expect(lost).toMatchObject({ location: { source: 'region' }, notObserved: ['/location'] })
    const rough = saved({ windEstimateKph: '3' }, { ...NEW.place, accuracyM: 5000 })
    expect(rough.location).toEqual({ ...NEW.place, accuracyM: 5000 })
    expect(rough.notObserved).toBeUndefined()
    const byHand = saved({ place: { lat: 1, lon: 2, source: 'map' } }, REGION)
    expect(byHand).toMatchObject({ location: { lat: 1, lon: 2, source: 'map' }, notObserved: [WIND] })
  })

  it('[APP-11] has the time of when it was started, or the one that the person gives', () => {
    expect(saved({})).toMatchObject({ createdAt: STARTED, extraction: { observationTime: STARTED } })
    const earlier = localText('2026-06-13T09:30:00Z')
    expect(saved({ seenAt: earlier })).toMatchObject({
      createdAt: STARTED,
      extraction: { observationTime: '2026-06-13T09:30:00.000Z' },
    })
    expect(problems({ seenAt: '31.6.2026' }).byField).toEqual({
      seenAt: 'Enter a time like 2026-06-14 10:05',
    })
    expect(problems({ seenAt: localText('2026-06-14T17:10:00Z') }).byField).toEqual({
      seenAt: 'This time is in the future',
    })
  })

  it.each([
    ['rawNoteText', { rawNoteText: '  ' }, 'Describe what you see in a few words'],
    ['rawNoteText', { rawNoteText: 'a'.repeat(20_001) }, 'At most 20,000 characters'],
    ['fieldBlock', { fieldBlock: 'b'.repeat(513) }, 'At most 512 characters'],
    ['symptoms', { symptoms: ['s'.repeat(513)] }, 'At most 512 characters'],
    ['windEstimateKph', { windEstimateKph: '121' }, 'Enter a number from 0 to 120'],
    ['windEstimateKph', { windEstimateKph: 'calm' }, 'Enter a number from 0 to 120'],
  ] as const)('tells at %s what the contract says against it', (field, change, text) => {
    expect(problems(change)).toEqual({ byField: { [field]: text }, elsewhere: [] })
  })

  it('takes a comma for a point', () => {
    expect(newDraft(values({ windEstimateKph: ' 4,5 ' }), NEW).normalization.windEstimateKph).toBe(4.5)
  })
})

describe('a time as it is typed', () => {
  it('[APP-11] is read as the device’s own, and is none where the calendar has none', () => {
    expect(instantOf(localText('2026-02-28T23:59:00.000Z'))).toBe('2026-02-28T23:59:00.000Z')
    expect(instantOf(STARTED)).toBe(STARTED)
    for (const bad of [
      '2026-02-30 10:00',
      '2026-13-01 10:00',
      '2026-06-14 24:00',
      '2026-06-14 10:60',
      'noon',
      '',
    ]) {
      expect(instantOf(bad)).toBeNull()
    }
  })
})

describe('a stored note in the form', () => {
  it('is the same again when nothing is changed', () => {
    const note = stored()
    const { deterministicChecksum: _checksum, updatedAt: _time, ...rest } = note
    expect(editedDraft(valuesOf(note), note)).toEqual(rest)
  })

  it('[SHP-13] is the same again with what it names, also what this app does not know', () => {
    const note: Observation = {
      ...stored(),
      notObserved: ['/extraction/severity', '/location', WIND, '/ofANewerApp'],
      location: { lat: 38, lon: -121, source: 'block' },
    }
    expect(valuesOf(note)).toMatchObject({ severity: null, windEstimateKph: '' })
    // Restored from its text, as after a reload.
    const restored = JSON.parse(JSON.stringify(valuesOf(note))) as NoteValues
    expect(editedDraft(restored, note).notObserved).toEqual(note.notObserved)
    const filled = editedDraft({ ...restored, severity: 'low', windEstimateKph: '7' }, note)
    expect(filled.notObserved).toEqual(['/location', '/ofANewerApp'])
    const placed = { ...restored, place: { lat: 38, lon: -121, source: 'map' as const } }
    expect(editedDraft(placed, note).notObserved).toEqual(
      ['/extraction/severity', WIND, '/ofANewerApp'].toSorted(),
    )
  })

  it('[ENG-39] keeps what the form does not show, and names in a correction what it changes alone', () => {
    const note = stored()
    const typed = { ...valuesOf(note), severity: 'high' as const, rawNoteText: 'Other words' }
    const draft = editedDraft(typed, note)
    expect(draft.extraction).toEqual({ ...note.extraction, severity: 'high' })
    expect(draft.normalization).toEqual(note.normalization)
    expect(changesOf(typed, note)).toEqual({
      rawNoteText: 'Other words',
      transcription: { text: 'Other words', source: 'manual_typed', confidence: 1 },
      extraction: { severity: 'high' },
    })
    expect(changesOf(valuesOf(note), note)).toEqual({})
  })

  it('[SHP-15] shows a symptom of another language’s phone as the same one', () => {
    const spanish = { ...stored(), rawNoteText: 'Viña 4' }
    spanish.extraction = { ...spanish.extraction, symptoms: ['manchas en hojas', 'hojas comidas'] }
    expect(valuesOf(spanish).symptoms).toEqual(['spots on leaves', 'hojas comidas'])
  })

  it('[APP-10] has no symptom that an older app made of its words', () => {
    const old = {
      ...stored(),
      rawNoteText: 'Rust',
      extraction: { ...stored().extraction, symptoms: ['Rust'] },
    }
    expect(valuesOf(old).symptoms).toEqual([])
    const typed: Observation = { ...old, location: { ...old.location, source: 'gps' } }
    expect(valuesOf(typed).symptoms).toEqual(['Rust'])
  })
})
