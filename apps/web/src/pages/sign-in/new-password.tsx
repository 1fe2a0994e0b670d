import { PASSWORD_LENGTH } from '@fieldsync/contracts'
import { PasswordInput, type PasswordInputProps } from '@mantine/core'

import { type T, useMessages } from '../../messages/messages.tsx'

/** What is wrong with a password that is being chosen: its length counts, not its characters (PEO-3). */
export function passwordProblem(typed: string, t: T): string | null {
  if (typed.length < PASSWORD_LENGTH.least) return t('password.short', { count: PASSWORD_LENGTH.least })
  return typed.length > PASSWORD_LENGTH.most ? t('password.long', { count: PASSWORD_LENGTH.most }) : null
}

/** A password that is being chosen; it can be shown instead of being typed twice. */
export function NewPasswordInput(props: PasswordInputProps) {
  const { t } = useMessages()
  return (
    <PasswordInput
      description={t('password.about', { count: PASSWORD_LENGTH.least })}
      {...props}
      visibilityToggleButtonProps={{ 'aria-label': t('signIn.password.show'), tabIndex: 0 }}
      autoComplete="new-password"
      required
      withAsterisk={false}
    />
  )
}
