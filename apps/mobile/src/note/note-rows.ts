import type { Observation } from '@fieldsync/contracts'
import { observedText } from '@fieldsync/messages'

import type { Texts } from '../messages/messages.ts'

export type NoteRow = readonly [name: string, value: string | null]

/** A note field by field, in words; null where it has nothing. */
export function noteRows(texts: Texts, note: Observation): NoteRow[] {
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
