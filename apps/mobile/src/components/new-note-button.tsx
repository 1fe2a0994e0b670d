import { useRights } from '../data/rights.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { Button } from '../ui/button.tsx'

/** Opens the form for a new note; nothing for a person who may not write one. */
export function NewNoteButton() {
  const { t } = useTexts()
  const go = useGo()
  if (!useRights().has('observations.write')) return null
  return (
    <Button
      kind="primary"
      wide
      icon="plus"
      label={t('home.newNote')}
      onPress={() => go.to({ screen: 'new' })}
    />
  )
}
