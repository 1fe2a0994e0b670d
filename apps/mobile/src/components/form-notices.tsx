import type { Failed } from '../data/use-write.ts'
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

/** In place of the buttons of a form that this device may not save, or may no longer: its role may change under a form. */
export function LockedNotice() {
  const { t } = useTexts()
  return <Notice tone="clash" icon="lock" text={t('form.locked')} />
}

type FailureProps = {
  readonly failure: Failed | undefined
  /** The sentence that the cause stands in; the cause alone where there is none. */
  readonly as?: 'conflict.failed' | 'detail.saveFailed'
}

/** Why something could not be stored; nothing while all is well. */
export function FailureNotice({ failure, as }: FailureProps) {
  const { t } = useTexts()
  if (failure === undefined) return null
  const { text, details } = failure
  return (
    <Notice
      tone="broken"
      text={as === undefined ? text : t(as, { message: text })}
      details={details}
      isUrgent
    />
  )
}
