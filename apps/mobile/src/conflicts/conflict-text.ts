import type { LocalConflict } from '@fieldsync/sync-engine'

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

/** What is wrong with the losing value, as far as that is known. */
export function issuesOfConflict(conflict: LocalConflict): readonly { path: string; message: string }[] {
  if (conflict.kind === 'quarantine') return conflict.issues
  return conflict.kind === 'server' ? (conflict.conflict.issues ?? []) : []
}

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
