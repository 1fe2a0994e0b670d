import type { FieldsyncClient } from '@fieldsync/client'
import { stableSymptoms } from '@fieldsync/domain'
import type { ObservationDraft, SaveOutcome } from '@fieldsync/sync-engine'
import { z } from 'zod'

import { FIRST_VALUES, NoteValues } from './note-values.ts'

/** As apps before contract 1.4 kept it: with values filled in that nobody had chosen. */
const OldValues = z
  .object({
    rawNoteText: z.string(),
    issue: NoteValues.shape.issue.unwrap(),
    severity: NoteValues.shape.severity.unwrap(),
    fieldBlock: z.string(),
    symptoms: NoteValues.shape.symptoms,
    leafWetness: NoteValues.shape.leafWetness,
    windEstimateKph: z.string(),
  })
  .transform((old): NoteValues => ({
    ...FIRST_VALUES,
    ...old,
    issue: old.issue === 'powdery_mildew' ? null : old.issue,
    severity: old.severity === 'low' ? null : old.severity,
    windEstimateKph: old.windEstimateKph === '0' ? '' : old.windEstimateKph,
    symptoms: stableSymptoms(old.symptoms),
  }))

export const UnsavedNote = z.object({
  values: z.union([NoteValues, OldValues]),
  /** The id that it was about to be saved under: where that is stored, it is unsaved no longer. */
  savedAs: z.string().nullable(),
})

/** A note that a person has begun. */
export type UnsavedNote = z.infer<typeof UnsavedNote>

/** The text that is kept of a note; empty for none, and for one in which nothing was filled in yet. */
export const unsavedText = (note: UnsavedNote | null): string =>
  note === null || JSON.stringify(note.values) === JSON.stringify(FIRST_VALUES) ? '' : JSON.stringify(note)

/** What is filled in of a note that was never stored; null for nothing. */
export async function unsavedValues(
  note: UnsavedNote | null,
  client: Pick<FieldsyncClient, 'record'>,
): Promise<NoteValues | null> {
  if (note === null) return null
  const isStored = note.savedAs !== null && (await client.record('observation', note.savedAs)) !== null
  return isStored ? null : note.values
}

/** Where an unsaved note is kept. */
export type NoteKeeper = {
  /** Keeps the note in a moment, or when the form goes away. */
  readonly keep: (note: UnsavedNote) => void
  /** Keeps it, or with null nothing, at once. */
  readonly saveNow: (note: UnsavedNote | null) => Promise<void>
}

/**
 * Stores a new note. Wherever the app dies in between, the note is stored or offered again, and never both: the id that it
 * gets is kept before it is stored, and what is kept is forgotten only after (APP-2).
 */
export async function saveNewNote(
  keeper: Pick<NoteKeeper, 'saveNow'>,
  client: Pick<FieldsyncClient, 'saveObservation'>,
  values: NoteValues,
  draft: ObservationDraft,
): Promise<SaveOutcome<'observation'>> {
  await keeper.saveNow({ values, savedAs: draft.observationId })
  const outcome = await client.saveObservation(draft)
  if (outcome.ok) await keeper.saveNow(null)
  return outcome
}
