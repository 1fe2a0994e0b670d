import type { Observation } from '@fieldsync/contracts'

import type { Rights } from '../data/rights.ts'

/** What a person may do with a stored note, beside reading it. */
export const NOTE_ACTIONS = ['confirm', 'edit', 'correct'] as const
export type NoteAction = (typeof NOTE_ACTIONS)[number]

/** What is offered of a note to a device: what the server would accept of it, by the note's author and status. */
export function noteActions(
  { deviceId, status }: Pick<Observation, 'deviceId' | 'status'>,
  { mayChangeNoteOf }: Pick<Rights, 'mayChangeNoteOf'>,
): readonly NoteAction[] {
  if (!mayChangeNoteOf(deviceId)) return []
  return status === 'draft' ? ['confirm', 'edit'] : ['correct']
}
