import type { FieldsyncClient } from '@fieldsync/client'
import { space } from '@fieldsync/design'
import { useEffect, useMemo, useState } from 'react'
import { View } from 'react-native'

import { useGo } from '../navigation/navigation-context.ts'
import { useSettings } from '../settings/settings-context.ts'
import { useClient } from '../sync/client-context.ts'
import { useStored } from '../sync/use-stored.ts'
import { useWrite } from '../sync/use-write.ts'
import { useTexts } from '../texts/texts-context.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { NoteForm } from './note-form.tsx'
import { placeOf } from './note-place.ts'
import { noteProblems } from './note-problems.ts'
import { firstValues, issuesOf, newDraft, type NoteValues } from './note-values.ts'
import { PlaceLine } from './place-line.tsx'
import { useHere } from './use-here.ts'
import { type NoteKeeper, useKeptNote, useNoteKeeper, useUnsavedNote } from './use-unsaved-note.ts'

const latest = async (client: FieldsyncClient) =>
  (await client.observations.list({ reverse: true, limit: 200 })).map(({ document }) => document)

/** A new note, or the one that was begun when the app went away. */
export function NewNoteScreen() {
  const { lastBlock } = useSettings().settings
  const first = useMemo(() => firstValues(lastBlock), [lastBlock])
  const kept = useKeptNote()
  const begun = useUnsavedNote(kept)
  const keeper = useNoteKeeper(kept, first)
  return begun === undefined ? null : <NewNote first={first} begun={begun} keeper={keeper} />
}

type Props = { readonly first: NoteValues; readonly begun: NoteValues | null; readonly keeper: NoteKeeper }

/** From nothing to a note that is stored: its words, and whatever else of it matters. */
function NewNote({ first, begun, keeper }: Props) {
  const { t } = useTexts()
  const go = useGo()
  const client = useClient()
  const { settings, change } = useSettings()
  const here = useHere(true)
  const notes = useStored(latest) ?? []
  const [values, setValues] = useState(begun ?? first)
  const [isBegunEarlier, setBegunEarlier] = useState(begun !== null)
  const [isStrict, setStrict] = useState(false)
  const { failure, write } = useWrite()
  useEffect(() => {
    if (here !== null && here !== 'searching') change({ lastPlace: here })
    // Once, when it is found: `change` is another function after every change that it makes.
  }, [here])

  const place = placeOf({
    here: here === 'searching' ? null : here,
    block: values.fieldBlock,
    notes,
    last: settings.lastPlace,
  })
  const draftAs = (status: 'draft' | 'confirmed') =>
    newDraft(values, {
      observationId: client.observations.newId(),
      deviceId: settings.deviceId,
      at: new Date().toISOString(),
      location: place.location,
      status,
    })
  const fill = (next: NoteValues) => {
    setValues(next)
    keeper.keep({ values: next, savedAs: null })
  }
  const startOver = () => {
    fill(first)
    setBegunEarlier(false)
    setStrict(false)
  }
  const problems = noteProblems(t, values, issuesOf(draftAs('draft')))
  const count = Object.keys(problems.byField).length + problems.elsewhere.length

  const save = async (status: 'draft' | 'confirmed') => {
    setStrict(true)
    if (count > 0) return
    const draft = draftAs(status)
    const isSaved = await write(async () => {
      // Whatever happens in between, the note is not offered again once it is stored.
      await keeper.keepNow({ values, savedAs: draft.observationId })
      return await client.observations.save(draft)
    })
    if (!isSaved) return
    void keeper.keepNow(null)
    change({ lastBlock: values.fieldBlock.trim() })
    go.replace({ screen: 'home' })
  }

  return (
    <NoteForm
      values={values}
      onChange={fill}
      problems={problems}
      isStrict={isStrict}
      autoFocus
      above={
        isBegunEarlier && (
          <Notice
            tone="waiting"
            icon="clock"
            text={t('note.begun')}
            action={{ label: t('note.begun.action'), onPress: startOver }}
          />
        )
      }
    >
      <PlaceLine place={place} isSearching={here === 'searching'} />
      {isStrict && count > 0 && <Notice tone="clash" text={t('note.problems', { count })} />}
      {failure !== undefined && <Notice tone="broken" text={t('detail.saveFailed', { message: failure })} />}
      <View style={{ gap: space.m }}>
        <Button
          kind="primary"
          wide
          icon="check"
          label={t('note.saveConfirm')}
          onPress={() => void save('confirmed')}
        />
        <Button wide label={t('note.save')} onPress={() => void save('draft')} />
      </View>
    </NoteForm>
  )
}
