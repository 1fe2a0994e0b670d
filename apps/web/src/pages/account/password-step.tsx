import { isFieldsyncError } from '@fieldsync/client'
import { Button, PasswordInput } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'

import { ErrorNote } from '../../components/error-note.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { signInErrorText } from '../sign-in/sign-in-error-text.ts'

type Props = {
  readonly email: string
  readonly lead: ReactNode
  readonly label: string
  readonly isDanger?: boolean
  readonly change: UseMutationResult<unknown, Error, string>
  readonly close: () => void
}

/** A change of the account that takes the person's password. */
export function PasswordStep({ email, lead, label, isDanger = false, change, close }: Props) {
  const { t } = useMessages()
  const [typed, setTyped] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (typed !== '') change.mutate(typed)
  }
  const isWrong =
    isFieldsyncError(change.error, 'AUTH_REQUIRED') || isFieldsyncError(change.error, 'FORBIDDEN')
  return (
    <form className="page" onSubmit={submit} noValidate>
      {lead}
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <PasswordInput
        label={t('signIn.password')}
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        error={isWrong ? t('proveAgain.wrong') : undefined}
        visibilityToggleButtonProps={{ 'aria-label': t('signIn.password.show'), tabIndex: 0 }}
        autoComplete="current-password"
        data-autofocus
      />
      {change.error === null || isWrong ? null : (
        <ErrorNote error={change.error} text={signInErrorText(change.error, t)} />
      )}
      <div className="row">
        <Button
          type="submit"
          {...(isDanger ? { color: 'red' } : {})}
          loading={change.isPending}
          disabled={typed === ''}
        >
          {label}
        </Button>
        <Button variant="default" onClick={close}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  )
}
