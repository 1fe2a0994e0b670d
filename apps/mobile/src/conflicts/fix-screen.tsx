import { useTexts } from '../texts/texts-context.ts'
import { Waiting } from '../ui/waiting.tsx'
import { GoneConflict } from './conflict-screen.tsx'
import { FixNote } from './fix-note.tsx'
import { FixPatch } from './fix-patch.tsx'
import { useConflict } from './use-conflict.ts'

/** What the server refused, in a form, to be repaired and sent. */
export function FixScreen({ id }: { readonly id: string }) {
  const { t } = useTexts()
  const conflict = useConflict(id)
  if (conflict === undefined) return <Waiting label={t('app.loading')} />
  if (conflict === null) return <GoneConflict />
  const { losing } = conflict
  if ('rawNoteText' in losing) return <FixNote conflict={conflict} note={losing} />
  return 'patchId' in losing ? <FixPatch conflict={conflict} patch={losing} /> : <GoneConflict />
}
