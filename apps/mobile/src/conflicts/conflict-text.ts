import { breachText } from '@fieldsync/messages'
import type { ConflictChoice, FoundIssue, LocalConflict } from '@fieldsync/sync-engine'

import { pointerLabel } from '../messages/field-label.ts'
import type { Say, Texts } from '../messages/messages.ts'

/** What has happened, in plain words. */
export function conflictText(t: Say, conflict: LocalConflict): string {
  switch (conflict.kind) {
    case 'quarantine':
      return t('conflicts.quarantined')
    case 'local':
      return conflict.code === null ? t('conflict.nothingThere') : t(`conflict.${conflict.code}`)
    case 'server':
      return reasonText(t, conflict.conflict.reason) ?? t(`conflict.${conflict.conflict.code}`)
  }
}

/** Of a code that has several reasons (CNF-14): a server may know more than this app. */
function reasonText(t: Say, reason: string | undefined): string | undefined {
  switch (reason) {
    case 'grant':
      return t('grant.missing')
    case 'four_eyes':
      return t('grant.fourEyes.refused')
    case 'retired':
      return t('grant.retired')
    default:
      return undefined
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

/** What is wrong with a record, after the name of the field that it is about (APP-49). */
export function issueText(texts: Texts, { pointer, breach }: FoundIssue): string {
  const text = breachText(texts, breach, pointer)
  return pointer === '' ? text : `${pointerLabel(texts.t, pointer)}: ${text}`
}
