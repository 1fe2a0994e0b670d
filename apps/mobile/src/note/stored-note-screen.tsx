import type { FieldsyncClient } from '@fieldsync/client'
import type { Observation } from '@fieldsync/contracts'
import { useCallback, useState } from 'react'
import { z } from 'zod'

import { useRights } from '../data/rights.ts'
import { useStored } from '../data/use-stored.ts'
import { type Unsaved, useStarted, useUnsaved } from '../data/use-unsaved.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { Empty } from '../ui/empty.tsx'
import { Loading } from '../ui/loading.tsx'
import { EditNote } from './edit-note.tsx'
import { beginEdit, isStored, type NoteEdit } from './follow-newest.ts'
import { noteActions } from './note-actions.ts'
import { NoteValues } from './note-values.ts'

type Props = { readonly id: string; readonly as: 'edit' | 'correct' }

/** What is kept of a form. Its base was read from the device, in whatever version of the contract it was written. */
const UnsavedEdit = z.object({
  base: z.custom<Observation>((base) => z.looseObject({ observationId: z.string() }).safeParse(base).success),
  values: NoteValues,
  reason: z.string(),
})

/** A stored note in the form: a draft to edit, or a confirmed one to correct. */
export function StoredNoteScreen({ id, as }: Props) {
  const { t } = useTexts()
  const read = useCallback((client: FieldsyncClient) => client.record('observation', id), [id])
  const view = useStored(read)
  const unsaved = useUnsaved<NoteEdit>({ kind: 'note', about: id }, UnsavedEdit)
  if (view === undefined || unsaved.found === undefined) return <Loading label={t('app.loading')} />
  return <StoredNote key={id} newest={view?.document ?? null} as={as} unsaved={unsaved} />
}

type StoredProps = {
  readonly newest: Observation | null
  readonly as: Props['as']
  readonly unsaved: Unsaved<NoteEdit>
}

/** Whatever becomes of the note and of the device's role, a form that is open stays open: something may be typed in it. */
function StoredNote({ newest, as, unsaved }: StoredProps) {
  const { t } = useTexts()
  const go = useGo()
  const rights = useRights()
  const found = useStarted(unsaved, (edit) => newest !== null && isStored(edit, newest))
  const [started] = useState(() => found ?? (newest && beginEdit(newest)))
  const mayChange = started !== null && noteActions(started.base, rights).length > 0
  const [wasOpened] = useState(mayChange || found !== null)
  if (started === null) return <GoneNote />
  const { observationId: id, status } = started.base
  if (!mayChange && !wasOpened) {
    return (
      <Empty
        icon="lock"
        title={t('note.notYours.title')}
        text={t('detail.notYours')}
        action={{
          label: t('note.notYours.action'),
          onPress: () => go.replace({ screen: 'observation', id }),
        }}
      />
    )
  }
  if (as === 'edit' && found === null && status !== 'draft') {
    return (
      <Empty
        icon="lock"
        title={t('note.noEdit.title')}
        text={t('note.noEdit.text')}
        action={{ label: t('note.noEdit.action'), onPress: () => go.replace({ screen: 'correct', id }) }}
      />
    )
  }
  return (
    <EditNote
      started={started}
      isFromEarlier={found !== null}
      newest={newest}
      as={as}
      mayChange={mayChange}
      unsaved={unsaved}
    />
  )
}

/** In place of a note that is not there. */
export function GoneNote() {
  const { t } = useTexts()
  const go = useGo()
  return (
    <Empty
      icon="notes"
      title={t('note.gone.title')}
      text={t('note.gone.text')}
      action={{ label: t('home.all'), onPress: () => go.replace({ screen: 'history' }) }}
    />
  )
}
