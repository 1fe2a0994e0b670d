import type { CorrectConflict, Resolutions, Resolved } from '@fieldsync/sync-engine'

import type { ConflictChoice } from './conflict-choices.ts'

/** Carries a choice out. To fix takes a document, and has a screen of its own. */
export function resolve(
  by: Resolutions,
  id: string,
  choice: Exclude<ConflictChoice, 'fix'>,
  correction: CorrectConflict,
): Promise<Resolved> {
  switch (choice) {
    case 'accept_server':
      return by.acceptServer(id)
    case 'correct':
      return by.correct(id, correction)
    case 'rename':
      return by.rename(id)
    case 'rebase':
      return by.rebase(id)
    case 'resubmit':
      return by.resubmit(id)
    case 'discard':
      return by.discard(id)
  }
}
