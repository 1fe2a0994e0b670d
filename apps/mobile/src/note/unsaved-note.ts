import type { FieldsyncClient } from '@fieldsync/client'
import { z } from 'zod'

import type { KeptText } from '../platform/platform.ts'
import { ISSUES, type NoteValues, SEVERITIES, WETNESSES } from './note-values.ts'

const Values = z.object({
  rawNoteText: z.string(),
  issue: z.enum(ISSUES),
  severity: z.enum(SEVERITIES),
  fieldBlock: z.string(),
  symptoms: z.array(z.string()).readonly(),
  leafWetness: z.enum(WETNESSES),
  windEstimateKph: z.string(),
}) satisfies z.ZodType<NoteValues>

const UnsavedNote = z.object({
  values: Values,
  /** The id that it was about to be saved under: where that is stored, it is unsaved no longer. */
  savedAs: z.string().nullable(),
})

/** A note that a person has begun. */
export type UnsavedNote = z.infer<typeof UnsavedNote>

/** The text that is kept of a note; empty for none, and for one in which nothing was filled in yet. */
export const unsavedText = (note: UnsavedNote | null, first: NoteValues): string =>
  note === null || JSON.stringify(note.values) === JSON.stringify(first) ? '' : JSON.stringify(note)

/** The note of a kept text; null for none, and for one of an app that knew other fields. */
export function unsavedNoteOf(text: string | null): UnsavedNote | null {
  if (text === null || text === '') return null
  try {
    return UnsavedNote.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** What is kept of a new note that was never stored; null for nothing. */
export async function findUnsaved(
  kept: Pick<KeptText, 'read'>,
  observations: Pick<FieldsyncClient['observations'], 'get'>,
): Promise<NoteValues | null> {
  const note = unsavedNoteOf(await kept.read())
  if (note === null) return null
  const isStored = note.savedAs !== null && (await observations.get(note.savedAs)) !== null
  return isStored ? null : note.values
}
