import type { ConflictChoice, LocalConflict } from '@fieldsync/sync-engine'

import type { Say } from '../messages/messages.ts'
import { pointerLabel } from '../playbook/value-text.ts'

/** What has happened, in plain words. */
export function conflictText(t: Say, conflict: LocalConflict): string {
  switch (conflict.kind) {
    case 'quarantine':
      return t('conflicts.quarantined')
    case 'local':
      return conflict.code === null ? t('conflict.nothingThere') : t(`conflict.${conflict.code}`)
    case 'server':
      return t(`conflict.${conflict.conflict.code}`)
  }
}

/**
 * True where an edit met a newer version on this very device (ENG-38): sent again, it goes on top of that one with what
 * was edited.
 */
export const isOwnEdit = (conflict: LocalConflict, choice: ConflictChoice): boolean =>
  conflict.kind === 'local' &&
  conflict.code !== null &&
  (choice === 'resubmit' || choice === 'rebase' || choice === 'correct')

/** What an issue of a conflict says, after the name of the field that it is about. */
export function issueText(
  t: Say,
  { losing }: LocalConflict,
  { path, message }: { path: string; message: string },
): string {
  if (path === '') return message
  const place = /^\/operations\/(\d+)/.exec(path)?.[1]
  const operation = place !== undefined && 'patchId' in losing ? losing.operations[Number(place)] : undefined
  return `${pointerLabel(t, operation?.path ?? path)}: ${message}`
}
