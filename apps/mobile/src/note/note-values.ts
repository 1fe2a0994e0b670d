import {
  type Breach,
  breachesOf,
  Issue,
  Observation,
  ObservationLocation,
  Severity,
} from '@fieldsync/contracts'
import {
  isSameJson,
  deviceStatePlaceholders,
  NO_SYMPTOM,
  notObservedWith,
  observed,
  stableSymptoms,
} from '@fieldsync/domain'
import { storedAsTyped, typedValue } from '@fieldsync/messages'
import type { ObservationChange, ObservationDraft } from '@fieldsync/sync-engine'
import { z } from 'zod'

import { REGION, typedPlace } from './note-place.ts'
import { instantOf } from './note-time.ts'

export const WETNESSES = Observation.shape.normalization.shape.leafWetness.options
export const ISSUES = Issue.options
export const SEVERITIES = Severity.options

/** What a scout fills in. Nothing is chosen for them: what was not observed is not stored as observed (APP-10). */
export const NoteValues = z.object({
  rawNoteText: z.string(),
  /** Null until it is chosen. */
  issue: Issue.nullable(),
  severity: Severity.nullable(),
  fieldBlock: z.string(),
  /** With their stable values (SHP-15); none until one is chosen. */
  symptoms: z.array(z.string()).readonly(),
  leafWetness: Observation.shape.normalization.shape.leafWetness,
  /** As typed, with the unit where that is not km/h (see `withTypedUnit`), so that a half-typed number stays as it is; empty where nobody estimated it. */
  windEstimateKph: z.string(),
  /** When the note was started (RFC 3339); empty before that. */
  startedAt: z.string(),
  /** When it was seen: an instant, or what a person typed in its place. */
  seenAt: z.string(),
  /** What the device measured when the note was started; null for nothing. */
  fix: ObservationLocation.nullable(),
  /** The place that the person chose, or that is stored; null for the best that is known. */
  place: ObservationLocation.nullable(),
  /** Latitude and longitude as a person types them; they count instead of `place`. Empty for none. */
  placeText: z.string().default(''),
})
export type NoteValues = z.infer<typeof NoteValues>

/** The fields in the order of the form; `place` is that of {@link chosenPlace}. */
export const NOTE_FIELDS = [
  'rawNoteText',
  'issue',
  'severity',
  'fieldBlock',
  'symptoms',
  'leafWetness',
  'windEstimateKph',
  'seenAt',
  'place',
] as const satisfies readonly (keyof NoteValues)[]
export type NoteField = (typeof NOTE_FIELDS)[number]

/** An empty form. */
export const FIRST_VALUES: NoteValues = {
  rawNoteText: '',
  issue: null,
  severity: null,
  fieldBlock: '',
  symptoms: [],
  leafWetness: 'unknown',
  windEstimateKph: '',
  startedAt: '',
  seenAt: '',
  fix: null,
  place: null,
  placeText: '',
}

/** The place that the person chose or typed, or that is stored; null for the best that is known. */
export const chosenPlace = ({ place, placeText }: NoteValues): ObservationLocation | null =>
  typedPlace(placeText) ?? place

/** What a stored note shows in the form. */
export function valuesOf(note: Observation): NoteValues {
  const { rawNoteText, extraction } = note
  const wind = observed(note, '/normalization/windEstimateKph')
  return {
    rawNoteText,
    issue: observed(note, '/extraction/issue') ?? null,
    severity: observed(note, '/extraction/severity') ?? null,
    fieldBlock: extraction.fieldBlock,
    symptoms: isDerived(note) ? [] : stableSymptoms(observed(note, '/extraction/symptoms') ?? []),
    leafWetness: observed(note, '/normalization/leafWetness') ?? 'unknown',
    windEstimateKph: wind === undefined ? '' : storedAsTyped('kph', wind),
    startedAt: note.createdAt,
    seenAt: extraction.observationTime,
    fix: null,
    place: note.location,
    placeText: '',
  }
}

const MAX_DERIVED_SYMPTOM = 512

/** Apps before contract 1.4 stored a note's own words as its symptom where none was chosen. */
function isDerived(note: Observation): boolean {
  const [symptom, ...others] = note.extraction.symptoms
  const derived = Array.from(note.rawNoteText.trim()).slice(0, MAX_DERIVED_SYMPTOM).join('')
  return !deviceStatePlaceholders(note) && others.length === 0 && symptom === derived
}

/** All that a note needs besides what its writer fills in. */
export type NewNote = {
  readonly observationId: string
  readonly deviceId: string
  /** Where the note is, as far as the writer has chosen no place (see `placeOf`). */
  readonly place: ObservationLocation
  readonly status: 'draft' | 'confirmed'
}

type Described = Pick<
  Observation,
  'rawNoteText' | 'transcription' | 'extraction' | 'normalization' | 'location' | 'notObserved'
>

/** A note as it will be stored, should it keep the contract. Placeholders fill what is required and missing (SHP-13). */
export function newDraft(values: NoteValues, note: NewNote): ObservationDraft {
  return {
    observationId: note.observationId,
    deviceId: note.deviceId,
    createdAt: values.startedAt,
    captureMode: 'typed',
    ...described({ ...values, place: values.place ?? note.place }),
    status: note.status,
    schemaVersion: '1.0.0',
  }
}

/** A stored note with the form's values; all that the form does not show stays. */
export function filledNote(values: NoteValues, note: Observation): Observation {
  const filled = described(values, note)
  return {
    ...note,
    ...filled,
    transcription: filled.rawNoteText === note.rawNoteText ? note.transcription : filled.transcription,
    extraction: { ...note.extraction, ...filled.extraction },
    normalization: { ...note.normalization, ...filled.normalization },
  }
}

/** Only what the form changes of a stored note: what it names is what a correction sets (ENG-39). */
export const changesOf = (values: NoteValues, note: Observation): ObservationChange =>
  changesBetween(note, filledNote(values, note))

/** What a person has changed from one version of a note to the next. */
export function changesBetween(before: Observation, now: Observation): ObservationChange {
  const { rawNoteText, transcription, location, notObserved } = now
  const extraction = differing(before.extraction, now.extraction)
  const normalization = differing(before.normalization, now.normalization)
  return {
    ...differing(before, { rawNoteText, transcription, location, notObserved }),
    ...(Object.keys(extraction).length > 0 && { extraction }),
    ...(Object.keys(normalization).length > 0 && { normalization }),
  }
}

/** Members that have another value than before; one that is gone is there and undefined. */
const differing = <T extends object>(before: object, now: T): Partial<T> =>
  Object.fromEntries(
    Object.entries(now).filter(([name, value]) => !isSameJson(value, Reflect.get(before, name))),
  ) as Partial<T>

function described(values: NoteValues, before?: Observation): Described {
  const { issue, severity, symptoms, windEstimateKph, leafWetness } = values
  const text = values.rawNoteText.trim()
  const place = chosenPlace(values) ?? REGION
  const hasWind = windEstimateKph.trim() !== ''
  return {
    rawNoteText: text,
    transcription: { text, source: 'manual_typed', confidence: 1 },
    extraction: {
      crop: 'grape',
      fieldBlock: values.fieldBlock.trim(),
      issue: issue ?? 'other',
      severity: severity ?? 'low',
      symptoms: symptoms.length > 0 ? [...symptoms] : [NO_SYMPTOM],
      observationTime: instantOf(values.seenAt) ?? values.startedAt,
    },
    normalization: { leafWetness, windEstimateKph: hasWind ? typedValue('kph', windEstimateKph) : 0 },
    location: place,
    notObserved: notObservedWith(before ?? {}, {
      '/extraction/issue': issue !== null,
      '/extraction/severity': severity !== null,
      '/extraction/symptoms': symptoms.length > 0,
      '/normalization/windEstimateKph': hasWind,
      // A stored place stays what it was while nobody chooses another one.
      ...(isSamePlace(place, before?.location) ? {} : { '/location': place.source !== 'region' }),
    }),
  }
}

const isSamePlace = (a: ObservationLocation, b: ObservationLocation | undefined): boolean =>
  a.lat === b?.lat && a.lon === b.lon && a.source === b.source

/** A stored note with the form's values, for the engine to stamp. */
export function editedDraft(values: NoteValues, note: Observation): ObservationDraft {
  const { deterministicChecksum: _checksum, updatedAt: _time, ...draft } = filledNote(values, note)
  return draft
}

const NO_CHECKSUM = 'sha256:00000000'

/** What the contract says against a draft, as it is typed. The engine asks the same again when it is saved. */
export const issuesOf = (draft: ObservationDraft): readonly Breach[] =>
  breachesOf(Observation, { deterministicChecksum: NO_CHECKSUM, ...draft })
