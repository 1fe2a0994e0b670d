import {
  type ConflictChoice,
  conflictChoices,
  conflictWinner,
  type LocalConflict,
} from '@fieldsync/sync-engine'

import type { Rights } from '../data/rights.ts'

/** Ways out that drop one's own version: whoever has the conflict may go them. */
const DROPS: ReadonlySet<ConflictChoice> = new Set(['accept_server', 'discard'])

/** The ways out of a conflict that the server would accept of this device. */
export const offeredChoices = (conflict: LocalConflict, rights: Rights): readonly ConflictChoice[] =>
  conflictChoices(conflict).filter((choice) => DROPS.has(choice) || maySend(conflict, choice, rights))

function maySend(conflict: LocalConflict, choice: ConflictChoice, rights: Rights): boolean {
  const { losing } = conflict
  if ('patchId' in losing) return rights.has('playbooks.patch')
  if (!('rawNoteText' in losing)) return rights.has('observations.write')
  const { deviceId: author } = losing
  // Of a note that was not read by the server nobody knows here whether it is there.
  if (conflict.kind === 'quarantine') return rights.mayChangeNoteOf(author) || rights.mayWriteNoteOf(author)
  const isNew = choice === 'rename' || conflictWinner(conflict) === null
  return isNew ? rights.mayWriteNoteOf(author) : rights.mayChangeNoteOf(author)
}
