import type { FieldsyncClient } from '@fieldsync/client'
import { useCallback } from 'react'

import { useGo } from '../navigation/navigation-context.ts'
import { useStored } from '../sync/use-stored.ts'
import { useTexts } from '../texts/texts-context.ts'
import { Empty } from '../ui/empty.tsx'
import { Waiting } from '../ui/waiting.tsx'
import { EditNote } from './edit-note.tsx'

type Props = { readonly id: string; readonly as: 'edit' | 'correct' }

/** A stored note in the form: a draft to edit, or a confirmed one to correct. */
export function StoredNoteScreen({ id, as }: Props) {
  const { t } = useTexts()
  const go = useGo()
  const read = useCallback((client: FieldsyncClient) => client.observations.get(id), [id])
  const view = useStored(read)
  if (view === undefined) return <Waiting label={t('app.loading')} />
  if (view === null) return <GoneNote />
  if (as === 'edit' && view.document.status !== 'draft') {
    return (
      <Empty
        icon="lock"
        title={t('note.noEdit.title')}
        text={t('note.noEdit.text')}
        action={{ label: t('note.noEdit.action'), onPress: () => go.replace({ screen: 'correct', id }) }}
      />
    )
  }
  return <EditNote key={id} note={view.document} as={as} />
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
