import { useTexts } from '../messages/messages-context.ts'
import { Notice } from '../ui/notice.tsx'

/** A form goes on with what was typed in it before. */
export function UnsavedNoteNotice({ onStartOver }: { readonly onStartOver: () => void }) {
  const { t } = useTexts()
  return (
    <Notice
      tone="waiting"
      icon="clock"
      text={t('form.begun')}
      action={{ label: t('form.begun.action'), onPress: onStartOver }}
    />
  )
}

/** What is typed would be gone with the page. */
export function UnkeptNotice({ failure }: { readonly failure: string | null }) {
  const { t } = useTexts()
  if (failure === null) return null
  return <Notice tone="broken" text={t('form.unkept')} details={failure} />
}
