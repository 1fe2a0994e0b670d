import type { Observation } from '@fieldsync/contracts'
import { foundIssues, type LocalConflict } from '@fieldsync/sync-engine'
import { useRef, useState } from 'react'

import { FailureNotice, LockedNotice, UnkeptNotice, UnsavedNoteNotice } from '../components/form-notices.tsx'
import { useClient } from '../data/client-context.ts'
import { type Unsaved, useUnsaved } from '../data/use-unsaved.ts'
import { useWrite } from '../data/use-write.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { NoteForm, type NoteFormHandle } from '../note/note-form.tsx'
import { countOf, noteProblems, serverProblems } from '../note/note-problems.ts'
import { editedDraft, issuesOf, NoteValues, valuesOf } from '../note/note-values.ts'
import { Button } from '../ui/button.tsx'
import { Loading } from '../ui/loading.tsx'

type Props = {
  readonly conflict: LocalConflict
  readonly note: Observation
  /** Whether this device may send it; the form can be read all the same. */
  readonly maySend: boolean
}

/** A refused note in its form, with what the server found at the fields until they are changed. */
export function FixNote(props: Props) {
  const { t } = useTexts()
  const unsaved = useUnsaved({ kind: 'fix', about: props.conflict.id }, NoteValues)
  const { found } = unsaved
  if (found === undefined) return <Loading label={t('app.loading')} />
  return <FixForm {...props} unsaved={{ ...unsaved, found }} />
}

type FormProps = Props & { readonly unsaved: Unsaved<NoteValues> & { readonly found: NoteValues | null } }

function FixForm({ conflict, note, maySend, unsaved }: FormProps) {
  const texts = useTexts()
  const { t } = texts
  const go = useGo()
  const client = useClient()
  const [values, setValues] = useState<NoteValues>(() => unsaved.found ?? valuesOf(note))
  const [isEarlier, setEarlier] = useState(unsaved.found !== null)
  const [isChanged, setChanged] = useState(isEarlier)
  const { failure, write } = useWrite()
  const form = useRef<NoteFormHandle>(null)
  const own = noteProblems(texts, values, issuesOf(editedDraft(values, note)))
  const server = serverProblems(texts, foundIssues(conflict))
  const problems = isChanged
    ? own
    : {
        byField: { ...own.byField, ...server.byField },
        elsewhere: [...own.elsewhere, ...server.elsewhere],
      }
  const send = async () => {
    if (countOf(own) > 0) {
      form.current?.showProblem()
      return
    }
    const leave = go.begin()
    if (!(await write(() => client.resolve.fix(conflict.id, editedDraft(values, note))))) return
    await unsaved.keeper.saveNow('')
    leave.replace({ screen: 'conflicts' })
  }
  return (
    <NoteForm
      ref={form}
      values={values}
      onChange={(next) => {
        setChanged(true)
        setValues(next)
        unsaved.keeper.keep(JSON.stringify(next))
      }}
      problems={problems}
      isStrict
      above={
        isEarlier && (
          <UnsavedNoteNotice
            onStartOver={() => {
              setValues(valuesOf(note))
              setEarlier(false)
              setChanged(false)
              void unsaved.keeper.saveNow('')
            }}
          />
        )
      }
    >
      <UnkeptNotice failure={unsaved.failure} />
      <FailureNotice failure={failure} as="conflict.failed" />
      {maySend ? (
        <Button kind="primary" wide icon="check" label={t('note.send')} onPress={() => void send()} />
      ) : (
        <LockedNotice />
      )}
    </NoteForm>
  )
}
