import type { Observation } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import { View } from 'react-native'

import { useTexts } from '../messages/messages-context.ts'
import type { Texts } from '../messages/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Notice } from '../ui/notice.tsx'
import { Text } from '../ui/text.tsx'
import { editedNote, type NoteEdit } from './follow-newest.ts'
import { noteRows } from './note-rows.ts'
import type { NoteField } from './note-values.ts'

type Props = {
  readonly edit: NoteEdit
  /** Null where the note was deleted. */
  readonly newest: Observation | null
  readonly taken: readonly NoteField[]
  readonly clashes: readonly NoteField[]
  /** It was a draft when the form was opened, and is none any more. */
  readonly isConfirmed: boolean
  readonly onDecide: (field: NoteField, whose: 'mine' | 'theirs') => void
}

/** What others changed of a note while its form is open, and what is to be decided because of that (APP-1). */
export function ChangedMeanwhile({ edit, newest, taken, clashes, isConfirmed, onDecide }: Props) {
  const texts = useTexts()
  const { t } = texts
  if (newest === null) return <Notice tone="clash" text={t('note.deleted')} />
  if (!isConfirmed && taken.length === 0 && clashes.length === 0) return null
  const names = taken.map((field) => labelOf(texts, field)).join(', ')
  return (
    <View style={{ gap: space.m }}>
      {isConfirmed && <Notice tone="moving" icon="lock" text={t('note.confirmedMeanwhile')} />}
      {taken.length > 0 && <Notice tone="moving" icon="sync" text={t('note.changed', { fields: names })} />}
      {clashes.map((field) => (
        <Card key={field} gap={space.m}>
          <Heading level={2}>{t('note.clash', { field: labelOf(texts, field) })}</Heading>
          <Text>{`${t('conflict.mine')}: ${textOf(texts, editedNote(edit), field)}`}</Text>
          <Text>{`${t('note.clash.theirs')}: ${textOf(texts, newest, field)}`}</Text>
          <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: space.m }}>
            <Button label={t('note.clash.useTheirs')} onPress={() => onDecide(field, 'theirs')} />
            <Button label={t('note.clash.keepMine')} onPress={() => onDecide(field, 'mine')} />
          </View>
        </Card>
      ))}
    </View>
  )
}

function labelOf({ t }: Texts, field: NoteField): string {
  if (field === 'seenAt') return t('field.observationTime')
  return field === 'place' ? t('field.location') : t(`field.${field}`)
}

const textOf = (texts: Texts, note: Observation, field: NoteField): string =>
  noteRows(texts, note).find(([name]) => name === labelOf(texts, field))?.[1] ?? texts.t('conflict.none')
