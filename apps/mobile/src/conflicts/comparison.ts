import type { Observation, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { parsePointer, valueAt } from '@fieldsync/domain'
import type { LocalConflict } from '@fieldsync/sync-engine'

import { observedText } from '../note/observed-text.ts'
import { pointerLabel, valueWords } from '../playbook/value-words.ts'
import type { Texts } from '../texts/texts.ts'
import { theirsOf } from './conflict-choices.ts'

/** One field in both versions, in words; null where a version has nothing there. */
export type ComparedField = {
  readonly name: string
  readonly mine: string | null
  readonly theirs: string | null
}

export const differs = ({ mine, theirs }: ComparedField): boolean => mine !== theirs

type Row = readonly [name: string, value: string | null]

/** Both versions of what a conflict is about, field by field. */
export function comparison(texts: Texts, conflict: LocalConflict): ComparedField[] {
  const { losing } = conflict
  if ('patchId' in losing) return patchFields(texts, conflict, losing)
  const theirs = theirsOf(conflict)
  const right = theirs === null || 'patchId' in theirs ? [] : rowsOf(texts, theirs)
  return rowsOf(texts, losing).map(([name, mine], at) => ({ name, mine, theirs: right[at]?.[1] ?? null }))
}

const rowsOf = (texts: Texts, record: Observation | Recommendation): Row[] =>
  'rawNoteText' in record ? noteRows(texts, record) : recommendationRows(texts, record)

function noteRows(texts: Texts, note: Observation): Row[] {
  const { t } = texts
  const { extraction } = note
  const seen = observedText(texts, note)
  return [
    [t('field.rawNoteText'), note.rawNoteText],
    [t('field.issue'), seen.issue],
    [t('field.severity'), seen.severity],
    [t('field.fieldBlock'), extraction.fieldBlock],
    [t('field.symptoms'), seen.symptoms],
    [t('field.variety'), extraction.variety ?? null],
    [t('field.leafWetness'), seen.leafWetness],
    [t('field.windEstimateKph'), seen.wind],
    [t('field.temperatureC'), seen.temperature],
    [t('field.location'), seen.place],
    [t('field.observationTime'), texts.formats.moment(Date.parse(extraction.observationTime), Date.now())],
    [t('field.status'), t(`observationStatus.${note.status}`)],
    [t('field.correction'), note.correction?.reason ?? null],
    [t('field.deviceId'), note.deviceId],
  ]
}

function recommendationRows({ t }: Texts, record: Recommendation): Row[] {
  return [
    [t('field.instructions'), record.action],
    [t('field.issue'), t(`issue.${record.issue}`)],
    [t('field.severity'), t(`severity.${record.severity}`)],
    [t('field.status'), t(`recommendationStatus.${record.status}`)],
  ]
}

/** Each value that the patch sets, beside the one that the playbook has at the server. */
function patchFields(texts: Texts, conflict: LocalConflict, patch: PlaybookPatch): ComparedField[] {
  const playbook = conflict.kind === 'server' ? conflict.conflict.playbook?.document : undefined
  return patch.operations.map((operation) => {
    const there = valueAt(playbook, parsePointer(operation.path) ?? [])
    return {
      name: pointerLabel(texts.t, operation.path),
      mine: operation.op === 'remove' ? null : valueWords(texts, operation.path, operation.value),
      theirs: there === undefined ? null : valueWords(texts, operation.path, there.value),
    }
  })
}
