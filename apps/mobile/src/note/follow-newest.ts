import type { Observation } from '@fieldsync/contracts'
import { isSameJson } from '@fieldsync/domain'

import { filledNote, NOTE_FIELDS, type NoteField, type NoteValues, valuesOf } from './note-values.ts'

/** A form over a stored note. */
export type NoteEdit = {
  /** The version that the form goes on from: the one it was opened with, with what others changed and it took over. */
  readonly base: Observation
  readonly values: NoteValues
  /** Why a confirmed note is corrected; empty until it is written. */
  readonly reason: string
}

export type Followed = {
  readonly edit: NoteEdit
  /** Fields that others changed and that nobody edits here: the form shows their new values. */
  readonly taken: readonly NoteField[]
  /** Fields that were changed here and by others, to different values: a person decides. */
  readonly clashes: readonly NoteField[]
}

export const beginEdit = (note: Observation): NoteEdit => ({ base: note, values: valuesOf(note), reason: '' })

/** True where nothing was typed yet. */
export const isUntouched = ({ base, values, reason }: NoteEdit): boolean =>
  reason === '' && NOTE_FIELDS.every((field) => isSame(values, valuesOf(base), field))

/**
 * True where nothing of what was typed differs from the note as it is stored, its correction included: it was saved, and
 * the app went away before it was forgotten.
 */
export const isStored = (edit: NoteEdit, stored: Observation): boolean =>
  isUntouched({ ...followNewest(edit, stored).edit, reason: '' }) &&
  (edit.reason.trim() === '' || edit.reason.trim() === stored.correction?.reason)

/**
 * The form on top of a newer version of its note: what nobody edits here follows it, what is edited here stays (ENG-37).
 * A field that both changed stays on its old base until a person has decided, so that a save without that decision
 * becomes a conflict and not a loss (ENG-38).
 */
export function followNewest(edit: NoteEdit, newest: Observation): Followed {
  const before = valuesOf(edit.base)
  const theirs = valuesOf(newest)
  const changed = NOTE_FIELDS.filter((field) => !isSame(before, theirs, field))
  const isTouched = (field: NoteField) => !isSame(edit.values, before, field)
  const taken = changed.filter((field) => !isTouched(field))
  const clashes = changed.filter((field) => isTouched(field) && !isSame(edit.values, theirs, field))
  const base = withFields(newest, edit.base, clashes)
  return { edit: { ...edit, base, values: { ...edit.values, ...pick(theirs, taken) } }, taken, clashes }
}

/** A person has decided about a field that both changed. */
export function decide(
  edit: NoteEdit,
  newest: Observation,
  field: NoteField,
  whose: 'mine' | 'theirs',
): NoteEdit {
  const base = withFields(edit.base, newest, [field])
  const values = whose === 'mine' ? edit.values : { ...edit.values, ...pick(valuesOf(newest), [field]) }
  return { ...edit, base, values }
}

/** The note with what was edited, and with everything else exactly as it is stored. */
export function editedNote({ base, values }: NoteEdit): Observation {
  const first = valuesOf(base)
  // Reading a note for the form may change how a value is written; that is no edit.
  const touched = NOTE_FIELDS.filter((field) => !isSame(values, first, field))
  return withFields(base, filledNote(values, base), touched)
}

type Place = { readonly in: 'extraction' | 'normalization' | null; readonly names: readonly string[] }

/** Where a stored note has what a field of the form shows. */
const PLACES: Readonly<Record<NoteField, Place>> = {
  rawNoteText: { in: null, names: ['rawNoteText', 'transcription'] },
  issue: { in: 'extraction', names: ['issue'] },
  severity: { in: 'extraction', names: ['severity'] },
  fieldBlock: { in: 'extraction', names: ['fieldBlock'] },
  symptoms: { in: 'extraction', names: ['symptoms'] },
  seenAt: { in: 'extraction', names: ['observationTime'] },
  leafWetness: { in: 'normalization', names: ['leafWetness'] },
  windEstimateKph: { in: 'normalization', names: ['windEstimateKph'] },
  place: { in: null, names: ['location'] },
}

/** A note with some fields of another version of it, exactly as that one has them. */
function withFields(note: Observation, other: Observation, fields: readonly NoteField[]): Observation {
  let changed = note
  for (const field of fields) changed = withField(changed, other, PLACES[field])
  return changed
}

function withField(note: Observation, other: Observation, { in: part, names }: Place): Observation {
  const from = part === null ? other : other[part]
  const taken = Object.fromEntries(names.map((name) => [name, Reflect.get(from, name)]))
  const pointers = new Set(names.map((name) => (part === null ? `/${name}` : `/${part}/${name}`)))
  const notObserved = [
    ...(note.notObserved ?? []).filter((pointer) => !pointers.has(pointer)),
    ...(other.notObserved ?? []).filter((pointer) => pointers.has(pointer)),
  ]
  return {
    ...note,
    ...(part === null ? taken : { [part]: { ...note[part], ...taken } }),
    notObserved: notObserved.length > 0 ? notObserved : undefined,
  }
}

const isSame = (a: NoteValues, b: NoteValues, field: NoteField): boolean =>
  membersOf(field).every((member) => isSameJson(a[member], b[member]))

const pick = (values: NoteValues, fields: readonly NoteField[]): Partial<NoteValues> =>
  Object.fromEntries(fields.flatMap(membersOf).map((member) => [member, values[member]]))

const membersOf = (field: NoteField): (keyof NoteValues)[] =>
  field === 'place' ? ['place', 'placeText'] : [field]
