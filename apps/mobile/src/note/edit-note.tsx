import type { Observation } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import { isSameJson } from '@fieldsync/domain'
import type { SaveOutcome } from '@fieldsync/sync-engine'
import { useEffect, useRef, useState } from 'react'
import { View } from 'react-native'

import { FailureNotice, LockedNotice, UnkeptNotice, UnsavedNoteNotice } from '../components/form-notices.tsx'
import { useClient } from '../data/client-context.ts'
import type { Unsaved } from '../data/use-unsaved.ts'
import { useWrite } from '../data/use-write.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { TextField } from '../ui/text-field.tsx'
import { ChangedMeanwhile } from './changed-meanwhile.tsx'
import {
  beginEdit,
  decide,
  editedNote,
  type Followed,
  followNewest,
  isUntouched,
  type NoteEdit,
} from './follow-newest.ts'
import { NoteForm, type NoteFormHandle } from './note-form.tsx'
import { countOf, firstProblem, noteProblems } from './note-problems.ts'
import { changesBetween, issuesOf, type NoteField } from './note-values.ts'

type Props = {
  /** The form as it begins: the note as it is stored, or what was typed before. */
  readonly started: NoteEdit
  readonly isFromEarlier: boolean
  /** The newest version on the device; null where the note was deleted. */
  readonly newest: Observation | null
  readonly as: 'edit' | 'correct'
  /** Whether the device's role still lets the note be changed. */
  readonly mayChange: boolean
  readonly unsaved: Pick<Unsaved<NoteEdit>, 'keeper' | 'failure'>
}

/** The form over a stored note. It names the version that it goes on from, and shows what others change meanwhile. */
export function EditNote({ started, isFromEarlier, newest, as, mayChange, unsaved }: Props) {
  const texts = useTexts()
  const { t } = texts
  const go = useGo()
  const client = useClient()
  const { form: followed, update, startOver } = useFollowed(started, newest, unsaved.keeper)
  const [isEarlier, setEarlier] = useState(isFromEarlier)
  const [isStrict, setStrict] = useState(false)
  const form = useRef<NoteFormHandle>(null)
  const { failure, write } = useWrite()
  const { edit, taken, clashes } = followed
  const { base, values, reason } = edit
  const isDraft = (newest ?? base).status === 'draft'
  const isCorrection = as === 'correct' || !isDraft
  const note = editedNote(edit)
  const { deterministicChecksum: _checksum, updatedAt: _time, ...draft } = note
  const problems = noteProblems(texts, values, issuesOf(draft))
  const reasonProblem = isCorrection && reason.trim() === '' ? t('note.reason.problem') : undefined
  const count = countOf(problems) + (reasonProblem === undefined ? 0 : 1)
  const { observationId: id } = base

  const store = async (work: () => Promise<SaveOutcome<'observation'>>) => {
    setStrict(true)
    if (count > 0) {
      form.current?.showProblem()
      return
    }
    const leave = go.begin()
    let conflictId: string | null = null
    const isStored = await write(async () => {
      const outcome = await work()
      if (outcome.ok) ({ conflictId } = outcome)
      return outcome
    })
    if (!isStored) return
    await unsaved.keeper.saveNow('')
    if (conflictId === null) leave.back({ screen: 'observation', id })
    else leave.replace({ screen: 'conflict', id: conflictId })
  }
  const basedOn = { basedOn: base }
  const saveAs = (status: 'draft' | 'confirmed') =>
    store(() => client.saveObservation({ ...draft, status }, basedOn))
  const correct = () => store(() => client.correct(id, changesBetween(base, note), reason.trim(), basedOn))

  return (
    <NoteForm
      ref={form}
      values={values}
      onChange={(next) => update({ ...edit, values: next })}
      problems={problems}
      isStrict={isStrict}
      above={
        <>
          {isEarlier && (
            <UnsavedNoteNotice
              onStartOver={() => {
                startOver()
                setEarlier(false)
              }}
            />
          )}
          <ChangedMeanwhile
            edit={edit}
            newest={newest}
            taken={taken}
            clashes={clashes}
            isConfirmed={as === 'edit' && !isDraft}
            onDecide={(field, whose) => newest && update(decide(edit, newest, field, whose), field)}
          />
        </>
      }
    >
      {isCorrection && (
        <TextField
          label={t('note.reason')}
          hint={t('note.reason.hint')}
          value={reason}
          onChange={(next) => update({ ...edit, reason: next })}
          problem={isStrict ? reasonProblem : undefined}
        />
      )}
      <UnkeptNotice failure={unsaved.failure} />
      {isStrict && count > 0 && (
        <Notice
          tone="clash"
          text={t('note.problems', { count })}
          {...(firstProblem(problems) !== null && {
            action: { label: t('note.problems.action'), onPress: () => form.current?.showProblem() },
          })}
        />
      )}
      <FailureNotice failure={failure} as="detail.saveFailed" />
      {!mayChange && <LockedNotice />}
      {mayChange && isCorrection && (
        <Button
          kind="primary"
          wide
          icon="check"
          label={t('note.saveCorrection')}
          onPress={() => void correct()}
        />
      )}
      {mayChange && !isCorrection && (
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

/** A form that follows the newest version of its note, and is kept as it is filled in. */
function useFollowed(started: NoteEdit, newest: Observation | null, keeper: Unsaved<NoteEdit>['keeper']) {
  const [form, setForm] = useState<Followed>(() =>
    newest === null ? { edit: started, taken: [], clashes: [] } : followNewest(started, newest),
  )
  const seen = useRef(newest)
  useEffect(() => {
    if (newest === null || isSameJson(newest, seen.current ?? undefined)) return
    seen.current = newest
    setForm((before) => {
      const followed = followNewest(before.edit, newest)
      const taken = [...new Set([...before.taken, ...followed.taken])]
      return { ...followed, taken: taken.filter((field) => !followed.clashes.includes(field)) }
    })
  }, [newest])
  return {
    form,
    /** @param decided a field that both had changed and that a person has decided about */
    update: (edit: NoteEdit, decided?: NoteField) => {
      const clashes = form.clashes.filter((field) => field !== decided)
      setForm({ ...form, edit, clashes })
      keeper.keep(isUntouched(edit) ? '' : JSON.stringify(edit))
    },
    startOver: () => {
      const edit = beginEdit(newest ?? started.base)
      setForm({ edit, taken: [], clashes: [] })
      void keeper.saveNow('')
    },
  }
}
