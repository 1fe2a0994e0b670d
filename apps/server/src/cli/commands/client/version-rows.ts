import { withoutPlaceholders } from '@fieldsync/domain'

import { shownText } from '../../table.ts'

/** A field in which two versions of a record differ, as text; a dash where one has nothing. */
export type DifferingField = { readonly field: string; readonly yours: string; readonly server: string }

// They are of no interest to a person, or repeat the note.
const NOT_SHOWN = new Set([
  'deterministicChecksum',
  'correction.correctionId',
  'correction.supersedes',
  'transcription.text',
])
const LONGEST = 48

/**
 * The fields in which the device's version and the server's differ; all of the device's if the server has none.
 * Unobserved values are excluded (SHP-13).
 */
export function differingFields(yours: unknown, server: unknown): DifferingField[] {
  const mine = leaves(withoutPlaceholders(yours))
  const theirs = leaves(withoutPlaceholders(server))
  return [...new Set([...mine.keys(), ...theirs.keys()])]
    .filter((field) => !NOT_SHOWN.has(field) && mine.get(field) !== theirs.get(field))
    .map((field) => ({ field, yours: shown(mine.get(field)), server: shown(theirs.get(field)) }))
}

/** Every leaf value of a record, by its path. */
function leaves(value: unknown, path: readonly string[] = [], found = new Map<string, string>()) {
  if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) leaves(inner, [...path, name], found)
  } else if (value !== undefined && path.length > 0) {
    found.set(path.join('.'), typeof value === 'string' ? value : JSON.stringify(value))
  }
  return found
}

function shown(text: string | undefined): string {
  if (text === undefined) return '-'
  const clean = shownText(text)
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST - 1)}…` : clean
}
