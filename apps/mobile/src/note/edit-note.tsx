import type { Observation } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import type { SaveOutcome } from '@fieldsync/sync-engine'
import { useRef, useState } from 'react'
import { View } from 'react-native'

import { useGo } from '../navigation/navigation-context.ts'
import { useClient } from '../sync/client-context.ts'
import { useWrite } from '../sync/use-write.ts'
import { useTexts } from '../texts/texts-context.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { TextField } from '../ui/text-field.tsx'
import { NoteForm, type NoteFormHandle } from './note-form.tsx'
import { noteProblems } from './note-problems.ts'
import { changesOf, editedDraft, issuesOf, type NoteValues, valuesOf } from './note-values.ts'

type Props = { readonly note: Observation; readonly as: 'edit' | 'correct' }

/** The form over a note as it was when the form was opened; what comes from others meanwhile is the engine's to judge. */
export function EditNote({ note: latest, as }: Props) {
  const { t } = useTexts()
  const go = useGo()
  const client = useClient()
  const [note] = useState(latest)
  const [values, setValues] = useState<NoteValues>(() => valuesOf(note))
  const [reason, setReason] = useState('')
  const [isStrict, setStrict] = useState(false)
  const form = useRef<NoteFormHandle>(null)
  const { failure, write } = useWrite()
  const problems = noteProblems(t, values, issuesOf(editedDraft(values, note)))
  const reasonProblem = as === 'correct' && reason.trim() === '' ? t('note.reason.problem') : undefined
  const count = Object.keys(problems.byField).length + (reasonProblem === undefined ? 0 : 1)

  const store = async (work: () => Promise<SaveOutcome<'observation'>>) => {
    setStrict(true)
    if (count > 0) {
      form.current?.showProblem()
      return
    }
    if (await write(work)) go.back({ screen: 'observation', id: note.observationId })
  }
  const saveAs = (status: 'draft' | 'confirmed') =>
    store(() => client.observations.save({ ...editedDraft(values, note), status }))
  const correct = () =>
    store(() => client.observations.correct(note.observationId, changesOf(values, note), reason.trim()))

  return (
    <NoteForm ref={form} values={values} onChange={setValues} problems={problems} isStrict={isStrict}>
      {as === 'correct' && (
        <TextField
          label={t('note.reason')}
          hint={t('note.reason.hint')}
          value={reason}
          onChange={setReason}
          problem={isStrict ? reasonProblem : undefined}
        />
      )}
      {isStrict && count > 0 && (
        <Notice
          tone="clash"
          text={t('note.problems', { count })}
          action={{ label: t('note.problems.action'), onPress: () => form.current?.showProblem() }}
        />
      )}
      {failure !== undefined && <Notice tone="broken" text={t('detail.saveFailed', { message: failure })} />}
      {as === 'correct' && (
        <Button
          kind="primary"
          wide
          icon="check"
          label={t('note.saveCorrection')}
          onPress={() => void correct()}
        />
      )}
      {as === 'edit' && (
        <View style={{ gap: space.m }}>
          <Button
            kind="primary"
            wide
            icon="check"
            label={t('note.saveConfirm')}
            onPress={() => void saveAs('confirmed')}
          />
          <Button wide label={t('note.save')} onPress={() => void saveAs('draft')} />
        </View>
      )}
    </NoteForm>
  )
}
