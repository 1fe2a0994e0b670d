import type { ValidationIssue } from '@fieldsync/contracts'

import type { Say } from '../texts/texts.ts'
import { type NoteField, type NoteValues } from './note-values.ts'

const PLACES: readonly (readonly [beginning: string, field: NoteField])[] = [
  ['/rawNoteText', 'rawNoteText'],
  ['/transcription', 'rawNoteText'],
  ['/extraction/fieldBlock', 'fieldBlock'],
  ['/extraction/issue', 'issue'],
  ['/extraction/severity', 'severity'],
  ['/extraction/symptoms', 'symptoms'],
  ['/normalization/leafWetness', 'leafWetness'],
  ['/normalization/windEstimateKph', 'windEstimateKph'],
]

/** The field of the form that shows what a pointer points at; undefined where none does. */
const fieldOf = (pointer: string): NoteField | undefined =>
  PLACES.find(([beginning]) => pointer === beginning || pointer.startsWith(`${beginning}/`))?.[1]

export type NoteProblems = {
  readonly byField: Readonly<Partial<Record<NoteField, string>>>
  /** Of things that the form does not show. */
  readonly elsewhere: readonly string[]
}

/** What the contract says against a note, in the person's words and at the person's fields. */
export function noteProblems(t: Say, values: NoteValues, issues: readonly ValidationIssue[]): NoteProblems {
  // Where nothing is written, the symptom that is made of it is not to blame.
  const told = issues.filter(({ path }) => fieldOf(path) !== 'symptoms' || values.symptoms.length > 0)
  return problemsAt(t, told, (issue, field) => problemOf(t, field, values, issue))
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
