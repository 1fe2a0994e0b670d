import { space } from '@fieldsync/design'
import { useEffect, useState } from 'react'
import { View } from 'react-native'

import { useTexts } from '../messages/messages-context.ts'
import { Loading } from '../ui/loading.tsx'
import { Notice } from '../ui/notice.tsx'
import { GoneConflict } from './conflict-screen.tsx'
import { FixNote } from './fix-note.tsx'
import { FixPatch } from './fix-patch.tsx'
import { useConflict } from './use-conflict.ts'

/** What the server refused, in a form, to be repaired and sent. */
export function FixScreen({ id }: { readonly id: string }) {
  const { t } = useTexts()
  const open = useConflict(id)
  // Something may be typed in the form when the conflict is decided elsewhere: it stays to be read.
  const [last, setLast] = useState(open)
  useEffect(() => {
    if (open) setLast(open)
  }, [open])
  const conflict = open ?? last
  if (open === undefined && !conflict) return <Loading label={t('app.loading')} />
  if (!conflict) return <GoneConflict />
  const { losing } = conflict
  if ('recommendationId' in losing) return <GoneConflict />
  return (
    <View style={{ gap: space.l }}>
      {open === null && <Notice tone="clash" text={t('conflict.gone.text')} />}
      {'rawNoteText' in losing && <FixNote conflict={conflict} note={losing} />}
      {'patchId' in losing && <FixPatch conflict={conflict} patch={losing} />}
    </View>
  )
}
