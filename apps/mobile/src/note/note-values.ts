import {
  Issue,
  type Location,
  Observation,
  parseInput,
  Severity,
  type ValidationIssue,
} from '@fieldsync/contracts'
import type { ObservationDraft } from '@fieldsync/sync-engine'

export const WETNESSES = Observation.shape.normalization.shape.leafWetness.options
export const ISSUES = Issue.options
export const SEVERITIES = Severity.options

/** What a scout fills in. Numbers as typed, so that a half-typed one stays as it is. */
export type NoteValues = {
  readonly rawNoteText: string
  readonly issue: Issue
  readonly severity: Severity
  readonly fieldBlock: string
  readonly symptoms: readonly string[]
  readonly leafWetness: Observation['normalization']['leafWetness']
  readonly windEstimateKph: string
}

export const NOTE_FIELDS = [
  'rawNoteText',
  'issue',
  'severity',
  'fieldBlock',
  'symptoms',
  'leafWetness',
  'windEstimateKph',
] as const satisfies readonly (keyof NoteValues)[]
export type NoteField = (typeof NOTE_FIELDS)[number]

/** A new note needs its words alone; all else has the likeliest value. */
export const firstValues = (fieldBlock: string): NoteValues => ({
  rawNoteText: '',
  issue: 'powdery_mildew',
  severity: 'low',
  fieldBlock,
  symptoms: [],
  leafWetness: 'unknown',
  windEstimateKph: '0',
})

/** What a stored note shows in the form; a symptom that was made of its words is none that was picked. */
export const valuesOf = ({ rawNoteText, extraction, normalization }: Observation): NoteValues => ({
  rawNoteText,
  issue: extraction.issue,
  severity: extraction.severity,
  fieldBlock: extraction.fieldBlock,
  symptoms: isDerived(extraction.symptoms, rawNoteText) ? [] : extraction.symptoms,
  leafWetness: normalization.leafWetness,
  windEstimateKph: String(normalization.windEstimateKph),
})

/** All that a note needs besides what its writer fills in. */
export type NewNote = {
  readonly observationId: string
  readonly deviceId: string
  /** RFC 3339. */
  readonly at: string
  readonly location: Location
  readonly status: 'draft' | 'confirmed'
}

const MAX_DERIVED_SYMPTOM = 512

/** The contract wants one symptom at least: where none was picked, the note's own words are it. */
const symptomsOf = ({ symptoms, rawNoteText }: NoteValues): string[] =>
  symptoms.length > 0 ? [...symptoms] : [derivedSymptom(rawNoteText)]

const isDerived = ([symptom, ...others]: readonly string[], rawNoteText: string): boolean =>
  others.length === 0 && symptom === derivedSymptom(rawNoteText)

const derivedSymptom = (rawNoteText: string): string =>
  Array.from(rawNoteText.trim()).slice(0, MAX_DERIVED_SYMPTOM).join('')

/** What is typed as a number; not a number where it is none. A comma is a point. */
export function numberOf(text: string): number {
  const plain = text.trim().replace(',', '.')
  return plain === '' ? Number.NaN : Number(plain)
}

/** A note as it will be stored, should it keep the contract. */
export function newDraft(values: NoteValues, note: NewNote): ObservationDraft {
  const text = values.rawNoteText.trim()
  return {
    observationId: note.observationId,
    deviceId: note.deviceId,
    createdAt: note.at,
    captureMode: 'typed',
    rawNoteText: text,
    transcription: { text, source: 'manual_typed', confidence: 1 },
    extraction: {
      crop: 'grape',
      fieldBlock: values.fieldBlock.trim(),
      issue: values.issue,
      severity: values.severity,
      symptoms: symptomsOf(values),
      observationTime: note.at,
    },
    normalization: { leafWetness: values.leafWetness, windEstimateKph: numberOf(values.windEstimateKph) },
    location: note.location,
    status: note.status,
    schemaVersion: '1.0.0',
  }
}

type NoteChange = Pick<Observation, 'rawNoteText' | 'transcription' | 'extraction' | 'normalization'>

/** What the form changes of a stored note; all that it does not show stays. */
export function changesOf(values: NoteValues, note: Observation): NoteChange {
  const text = values.rawNoteText.trim()
  const { extraction, normalization } = note
  return {
    rawNoteText: text,
    transcription:
      text === note.rawNoteText ? note.transcription : { text, source: 'manual_typed', confidence: 1 },
    extraction: {
      ...extraction,
      fieldBlock: values.fieldBlock.trim(),
      issue: values.issue,
      severity: values.severity,
      symptoms: symptomsOf(values),
    },
    normalization: {
      ...normalization,
      leafWetness: values.leafWetness,
      windEstimateKph: numberOf(values.windEstimateKph),
    },
  }
}

/** A stored note with the form's values, for the engine to stamp anew. */
export function editedDraft(values: NoteValues, note: Observation): ObservationDraft {
  const { deterministicChecksum: _checksum, updatedAt: _time, ...kept } = note
  return { ...kept, ...changesOf(values, note) }
}

const NO_CHECKSUM = 'sha256:00000000'

/** What the contract says against a draft, as it is typed. The engine asks the same again when it is saved. */
export function issuesOf(draft: ObservationDraft): readonly ValidationIssue[] {
  const parsed = parseInput(Observation, { deterministicChecksum: NO_CHECKSUM, ...draft })
  return parsed.ok ? [] : parsed.issues
}
