import { space } from '@fieldsync/design'
import { useEffect, useRef, useState } from 'react'
import { View } from 'react-native'

import { FailureNotice, LockedNotice, UnkeptNotice } from '../components/form-notices.tsx'
import { useClient } from '../data/client-context.ts'
import { useRights } from '../data/rights.ts'
import { useSettings } from '../data/settings-context.ts'
import { useStored } from '../data/use-stored.ts'
import { useUnsaved } from '../data/use-unsaved.ts'
import { useWrite } from '../data/use-write.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/empty.tsx'
import { Notice } from '../ui/notice.tsx'
import { NoteForm, type NoteFormHandle } from './note-form.tsx'
import { positionOf } from './note-place.ts'
import { countOf, noteProblems } from './note-problems.ts'
import { FIRST_VALUES, issuesOf, newDraft, type NoteValues } from './note-values.ts'
import { latestNotes } from './place-field.tsx'
import { type NoteKeeper, saveNewNote, UnsavedNote, unsavedText, unsavedValues } from './unsaved-note.ts'
import { useFix } from './use-fix.ts'

/** A new note, or the one that was started when the app went away; none for a person who may not write. */
export function NewNoteScreen() {
  const { t } = useTexts()
  const go = useGo()
  const mayWrite = useRights().has('observations.write')
  const [wasOpened] = useState(mayWrite)
  const { started, keeper, failure } = useUnsavedNote()
  if (started === undefined) return null
  if (mayWrite || wasOpened || started !== null) {
    return <NewNote started={started} mayWrite={mayWrite} keeper={keeper} unkept={failure} />
  }
  return (
    <Empty
      icon="lock"
      title={t('note.readOnly.title')}
      text={t('note.readOnly.text')}
      action={{ label: t('home.all'), onPress: () => go.replace({ screen: 'history' }) }}
    />
  )
}

type Props = {
  readonly started: NoteValues | null
  /** Whether the device's role still lets it be saved. */
  readonly mayWrite: boolean
  readonly keeper: NoteKeeper
  /** Why what was typed cannot be read, or what is typed cannot be kept; null where it is. */
  readonly unkept: string | null
}

/** From nothing to a note that is stored. Time and place are those of when it was started (APP-11). */
function NewNote({ started, mayWrite, keeper, unkept }: Props) {
  const texts = useTexts()
  const { t } = texts
  const go = useGo()
  const client = useClient()
  const { settings, change } = useSettings()
  const notes = useStored(latestNotes) ?? []
  const [values, setValues] = useState(started ?? FIRST_VALUES)
  const [isFromEarlier, setFromEarlier] = useState(started !== null)
  const [isStrict, setStrict] = useState(false)
  const form = useRef<NoteFormHandle>(null)
  const { failure, write } = useWrite()
  // A note that was started earlier was not started here.
  const { fix, isSearching, freshFix } = useFix(started === null)
  /** From the first attempt to save it: what is typed during one is kept as of the same note. */
  const noteId = useRef<string>(null)
  const keep = (next: NoteValues) => {
    setValues(next)
    keeper.keep({ values: next, savedAs: noteId.current })
  }
  useEffect(() => {
    if (fix === null) return
    change({ lastPlace: fix })
    if (values.startedAt !== '' && values.fix === null) keep({ ...values, fix })
    // Once, when it is found: `change` is another function after every change that it makes.
  }, [fix])

  const fill = (next: NoteValues) => {
    if (next.startedAt !== '') return keep(next)
    const startedAt = new Date().toISOString()
    keep({ ...next, startedAt, seenAt: next.seenAt === '' ? startedAt : next.seenAt, fix: freshFix() })
  }
  const startOver = () => {
    noteId.current = null
    keep(FIRST_VALUES)
    freshFix()
    setFromEarlier(false)
    setStrict(false)
  }
  const known = {
    place: positionOf({
      fix: values.startedAt === '' ? fix : values.fix,
      block: values.fieldBlock,
      notes,
      last: settings.lastPlace,
    }),
    isSearching: isSearching && values.fix === null,
  }
  const draftAs = (status: 'draft' | 'confirmed') =>
    newDraft(values.startedAt === '' ? { ...values, startedAt: new Date().toISOString() } : values, {
      observationId: noteId.current ?? client.ids.observation(),
      deviceId: settings.deviceId,
      place: known.place,
      status,
    })
  const problems = noteProblems(texts, values, issuesOf(draftAs('draft')))
  const count = countOf(problems)

  const save = async (status: 'draft' | 'confirmed') => {
    setStrict(true)
    if (count > 0) {
      form.current?.showProblem()
      return
    }
    const leave = go.begin()
    const draft = draftAs(status)
    noteId.current = draft.observationId
    if (!(await write(() => saveNewNote(keeper, client, values, draft)))) return
    change({ lastBlock: values.fieldBlock.trim() })
    leave.replace({ screen: 'home' })
  }

  return (
    <NoteForm
      ref={form}
      values={values}
      onChange={fill}
      problems={problems}
      isStrict={isStrict}
      known={known}
      autoFocus
      above={
        isFromEarlier && (
          <Notice
            tone="waiting"
            icon="clock"
            text={t('note.begun')}
            action={{ label: t('note.begun.action'), onPress: startOver }}
          />
        )
      }
    >
      {isStrict && count > 0 && (
        <Notice
          tone="clash"
          text={t('note.problems', { count })}
          action={{ label: t('note.problems.action'), onPress: () => form.current?.showProblem() }}
        />
      )}
      <UnkeptNotice failure={unkept} />
      <FailureNotice failure={failure} as="detail.saveFailed" />
      {!mayWrite && <LockedNotice />}
      {mayWrite && (
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
      )}
    </NoteForm>
  )
}

type UnsavedNewNote = {
  /** What was filled in of a new note before the app went away; undefined until that is known, null for nothing. */
  readonly started: NoteValues | null | undefined
  readonly keeper: NoteKeeper
  readonly failure: string | null
}

/** This tab's new note, which is kept as it is filled in, so that it outlives the page, the app and the phone's battery. */
function useUnsavedNote(): UnsavedNewNote {
  const client = useClient()
  const { found, keeper, failure } = useUnsaved({ kind: 'new' }, UnsavedNote)
  const [started, setStarted] = useState<NoteValues | null>()
  useEffect(() => {
    if (found === undefined) return
    // Where nobody can say whether it was stored, it is offered rather than lost.
    unsavedValues(found, client).then(setStarted, () => setStarted(found?.values ?? null))
  }, [found, client])
  return {
    started,
    keeper: {
      keep: (note) => keeper.keep(unsavedText(note)),
      saveNow: async (note) => void (await keeper.saveNow(unsavedText(note))),
    },
    failure,
  }
}
