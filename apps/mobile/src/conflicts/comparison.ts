import type { Observation, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { parsePointer, valueAt } from '@fieldsync/domain'
import { actionAdvice } from '@fieldsync/messages'
import type { LocalConflict } from '@fieldsync/sync-engine'
import type { conflictWinner } from '@fieldsync/sync-engine'

import { windowText } from '../components/window-text.ts'
import { pointerLabel } from '../messages/field-label.ts'
import type { Texts } from '../messages/messages.ts'
import { type NoteRow, noteRows } from '../note/note-rows.ts'
import { valueText } from '../playbook/value-text.ts'

/** One field in both versions, in words; null where a version has nothing there. */
export type ComparedField = {
  readonly name: string
  readonly mine: string | null
  readonly theirs: string | null
}

export const differs = ({ mine, theirs }: ComparedField): boolean => mine !== theirs

/**
 * Both versions of what a conflict is about, field by field.
 *
 * @param workspaceZone where it shows another time than this device, a window of time names the device's zone
 */
export function comparison(
  texts: Texts,
  conflict: LocalConflict,
  theirs: ReturnType<typeof conflictWinner>,
  workspaceZone: string,
): ComparedField[] {
  const { losing } = conflict
  if ('patchId' in losing) return patchFields(texts, conflict, losing)
  const rowsOf = (record: Observation | Recommendation): NoteRow[] =>
    'rawNoteText' in record ? noteRows(texts, record) : recommendationRows(texts, record, workspaceZone)
  const right = theirs === null || 'patchId' in theirs ? [] : rowsOf(theirs)
  return rowsOf(losing).map(([name, mine], at) => ({ name, mine, theirs: right[at]?.[1] ?? null }))
}

function recommendationRows(texts: Texts, record: Recommendation, workspaceZone: string): NoteRow[] {
  const { t } = texts
  return [
    [t('field.instructions'), actionAdvice(t, record.action)],
    [t('field.issue'), t(`issue.${record.issue}`)],
    [t('field.severity'), t(`severity.${record.severity}`)],
    [t('field.timingWindow'), windowText(texts, record.timingWindow, workspaceZone, Date.now())],
    [t('field.status'), t(`recommendationStatus.${record.status}`)],
  ]
}

/** Each value that the patch sets, beside the one that the playbook has at the server. */
function patchFields(texts: Texts, conflict: LocalConflict, patch: PlaybookPatch): ComparedField[] {
  const playbook =
    conflict.kind === 'server'
      ? conflict.conflict.playbook?.document
      : conflict.kind === 'local'
        ? conflict.playbook
        : undefined
  return patch.operations.map((operation) => {
    const there = valueAt(playbook, parsePointer(operation.path) ?? [])
    return {
      name: pointerLabel(texts.t, operation.path),
      mine: operation.op === 'remove' ? null : valueText(texts, operation.path, operation.value),
      theirs: there === undefined ? null : valueText(texts, operation.path, there.value),
    }
  })
}
