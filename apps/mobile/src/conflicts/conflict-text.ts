import type { LocalConflict } from '@fieldsync/sync-engine'

import type { Say } from '../texts/texts.ts'

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
