import { CONFLICT_TABLE } from '@fieldsync/domain'
import type { EntityDocuments, LocalConflict } from '@fieldsync/sync-engine'

/** What a person can decide about a conflict; each is one call of the client. */
export type ConflictChoice =
  | 'accept_server'
  | 'correct'
  | 'rename'
  | 'rebase'
  | 'resubmit'
  | 'fix'
  | 'discard'

/**
 * True where an edit met a newer version on this very device (ENG-38): sent again, it goes on top of that one with what
 * was edited.
 */
export const isOwnEdit = (conflict: LocalConflict, choice: ConflictChoice): boolean =>
  conflict.kind === 'local' &&
  conflict.code !== null &&
  (choice === 'resubmit' || choice === 'rebase' || choice === 'correct')

/** What this conflict allows, the likeliest first. To give one's own version up is always among it. */
export function choicesOf(conflict: LocalConflict): readonly ConflictChoice[] {
  const allowed = allowedBy(conflict).filter((choice) => choice !== 'fix' || hasForm(conflict))
  const giveUp =
    theirsOf(conflict) === null || conflict.type === 'playbookPatch' ? 'discard' : 'accept_server'
  return allowed.includes('accept_server') ? allowed : [...allowed, giveUp]
}

function allowedBy(conflict: LocalConflict): ConflictChoice[] {
  switch (conflict.kind) {
    case 'quarantine':
      return ['fix']
    case 'local':
      return [conflict.resolution]
    case 'server': {
      const { code, resolution } = conflict.conflict
      return [...new Set([resolution, ...CONFLICT_TABLE[code].resolutions])]
    }
  }
}

/** A recommendation is computed, so there is nothing in it for a person to repair. */
const hasForm = ({ type }: LocalConflict): boolean => type !== 'recommendation'

/** The version that won, where there is one to show. Of a patch: the patch that has its id. */
export function theirsOf(
  conflict: LocalConflict,
): EntityDocuments['observation' | 'recommendation' | 'playbookPatch'] | null {
  switch (conflict.kind) {
    case 'quarantine':
      return null
    case 'local':
      return conflict.server
    case 'server':
      return conflict.conflict.server?.record ?? null
  }
}
