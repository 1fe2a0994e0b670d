import type { ValidationIssue } from '@fieldsync/contracts'

import type { Say } from '../messages/messages.ts'
import { typedPlace } from './note-place.ts'
import { instantOf } from './note-time.ts'
import { NOTE_FIELDS, type NoteField, type NoteValues } from './note-values.ts'

const PLACES: readonly (readonly [beginning: string, field: NoteField])[] = [
  ['/rawNoteText', 'rawNoteText'],
  ['/transcription', 'rawNoteText'],
  ['/extraction/fieldBlock', 'fieldBlock'],
  ['/extraction/issue', 'issue'],
  ['/extraction/severity', 'severity'],
  ['/extraction/symptoms', 'symptoms'],
  ['/normalization/leafWetness', 'leafWetness'],
  ['/normalization/windEstimateKph', 'windEstimateKph'],
  ['/extraction/observationTime', 'seenAt'],
  ['/createdAt', 'seenAt'],
  ['/location', 'place'],
]

/** The field of the form that shows what a pointer points at; undefined where none does. */
const fieldOf = (pointer: string): NoteField | undefined =>
  PLACES.find(([beginning]) => pointer === beginning || pointer.startsWith(`${beginning}/`))?.[1]

export type NoteProblems = {
  readonly byField: Readonly<Partial<Record<NoteField, string>>>
  /** Of things that the form does not show. */
  readonly elsewhere: readonly string[]
}

/** The field to begin with, in the order of the form; null where no field has a problem. */
export const firstProblem = ({ byField }: NoteProblems): NoteField | null =>
  NOTE_FIELDS.find((field) => byField[field] !== undefined) ?? null

// Clocks are set by people: a minute ahead is now.
const FUTURE_MS = 60_000

/**
 * What a person has still to choose, and what the contract says against a note, at the person's fields (APP-10).
 *
 * @param now milliseconds since 1970
 */
export function noteProblems(
  t: Say,
  values: NoteValues,
  issues: readonly ValidationIssue[],
  now = Date.now(),
): NoteProblems {
  const { byField, elsewhere } = problemsAt(t, issues, (issue, field) => problemOf(t, field, values, issue))
  const others = { ...unfilled(t, values), ...timeProblem(t, values, now), ...placeProblem(t, values) }
  return { byField: { ...byField, ...others }, elsewhere }
}

export const countOf = ({ byField, elsewhere }: NoteProblems): number =>
  Object.keys(byField).length + elsewhere.length

function unfilled(t: Say, { issue, severity, symptoms }: NoteValues): NoteProblems['byField'] {
  return {
    ...(issue === null ? { issue: t('problem.issue') } : {}),
    ...(severity === null ? { severity: t('problem.severity') } : {}),
    ...(symptoms.length === 0 ? { symptoms: t('problem.noSymptom') } : {}),
  }
}

/** What is half typed must not be saved as another place, or as none (APP-11). */
const placeProblem = (t: Say, { placeText }: NoteValues): NoteProblems['byField'] =>
  placeText.trim() === '' || typedPlace(placeText) !== null ? {} : { place: t('problem.place') }

function timeProblem(t: Say, { startedAt, seenAt }: NoteValues, now: number): NoteProblems['byField'] {
  if (startedAt === '' && seenAt === '') return {}
  const instant = instantOf(seenAt)
  if (instant === null) return { seenAt: t('problem.time') }
  // What is stored stays valid, however wrong the clock was that wrote it.
  const isTyped = instant !== seenAt
  return isTyped && Date.parse(instant) > now + FUTURE_MS ? { seenAt: t('problem.timeAhead') } : {}
}

/** What a server says against a note, in its own words: it may know rules that this app does not. */
export const serverProblems = (t: Say, issues: readonly ValidationIssue[]): NoteProblems =>
  problemsAt(t, issues, ({ message }) => t('problem.other', { message }))

function problemsAt(
  t: Say,
  issues: readonly ValidationIssue[],
  words: (issue: ValidationIssue, field: NoteField) => string,
): NoteProblems {
  const byField: Partial<Record<NoteField, string>> = {}
  const elsewhere: string[] = []
  for (const issue of issues) {
    const field = fieldOf(issue.path)
    if (field === undefined) elsewhere.push(t('problem.other', { message: `${issue.path} ${issue.message}` }))
    else byField[field] ??= words(issue, field)
  }
  return { byField, elsewhere }
}

function problemOf(t: Say, field: NoteField, values: NoteValues, { message }: ValidationIssue): string {
  switch (field) {
    case 'rawNoteText':
      return values.rawNoteText.trim() === '' ? t('problem.noteEmpty') : t('problem.noteLong')
    case 'fieldBlock':
      return t('problem.shortLong')
    case 'symptoms':
      return values.symptoms.length > 200 ? t('problem.symptoms') : t('problem.shortLong')
    case 'windEstimateKph':
      return t('problem.wind')
    default:
      return t('problem.other', { message })
  }
}
