import { type Breach, numberRange, Observation } from '@fieldsync/contracts'
import { breachText } from '@fieldsync/messages'
import type { FoundIssue } from '@fieldsync/sync-engine'

import { pointerLabel } from '../messages/field-label.ts'
import type { Say, Texts } from '../messages/messages.ts'
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
  texts: Texts,
  values: NoteValues,
  issues: readonly Breach[],
  now = Date.now(),
): NoteProblems {
  const { t } = texts
  const { byField, elsewhere } = problemsAt(texts, issues.map(placed), ({ path, breach }, field) =>
    problemOf(texts, field, values, breach, path),
  )
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

/** What a server says against a note: by what this device finds there itself, since it may know rules that this app does not. */
export const serverProblems = (texts: Texts, found: readonly FoundIssue[]): NoteProblems =>
  problemsAt(
    texts,
    found.map(({ pointer, breach }) => ({ path: pointer, breach })),
    ({ path, breach }) => breachText(texts, breach, path),
  )

const placed = (breach: Breach): Placed => ({ path: breach.path, breach })

type Placed = { readonly path: string; readonly breach: Breach | null }

function problemsAt(
  texts: Texts,
  issues: readonly Placed[],
  words: (issue: Placed, field: NoteField) => string,
): NoteProblems {
  const byField: Partial<Record<NoteField, string>> = {}
  const elsewhere: string[] = []
  for (const issue of issues) {
    const { path, breach } = issue
    const field = fieldOf(path)
    if (field === undefined)
      elsewhere.push(`${pointerLabel(texts.t, path)}: ${breachText(texts, breach, path)}`)
    else byField[field] ??= words(issue, field)
  }
  return { byField, elsewhere }
}

/** What the contract allows, km/h. */
const WIND_RANGE = numberRange(Observation, ['normalization', 'windEstimateKph']) ?? { min: 0, max: Infinity }

function problemOf(
  texts: Texts,
  field: NoteField,
  values: NoteValues,
  breach: Breach | null,
  path: string,
): string {
  const { t, formats } = texts
  switch (field) {
    case 'rawNoteText':
      return values.rawNoteText.trim() === '' ? t('problem.noteEmpty') : t('problem.noteLong')
    case 'fieldBlock':
      return t('problem.shortLong')
    case 'symptoms':
      return values.symptoms.length > 200 ? t('problem.symptoms') : t('problem.shortLong')
    case 'windEstimateKph':
      return t('problem.wind', formats.bounds('kph', WIND_RANGE))
    default:
      return breachText(texts, breach, path)
  }
}
