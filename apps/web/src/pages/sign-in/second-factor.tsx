import { isFieldsyncError } from '@fieldsync/client'
import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'

import { ErrorNote } from '../../components/error-note.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { auth } from '../../server/auth.ts'
import { signInErrorText } from './sign-in-error-text.ts'

type Props = { readonly onSignedIn: () => void; readonly back: () => void }

/** The code of the person's authenticator app, or one of their recovery codes. */
export function SecondFactor({ onSignedIn, back }: Props) {
  const { t } = useMessages()
  const [isRecovery, setRecovery] = useState(false)
  const [typed, setTyped] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const proof = useMutation({
    mutationFn: () =>
      auth('secondFactor', isRecovery ? { recoveryCode: typed.trim() } : { code: typed.trim() }),
    onSuccess: onSignedIn,
    onError: () => field.current?.select(),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (typed.trim() === '') field.current?.focus()
    else proof.mutate()
  }
  const isWrong =
    isFieldsyncError(proof.error, 'AUTH_REQUIRED') || isFieldsyncError(proof.error, 'VALIDATION_ERROR')
  return (
    <form className="page" onSubmit={submit} noValidate>
      <p>{t(isRecovery ? 'secondFactor.recovery.lead' : 'secondFactor.lead')}</p>
      <TextInput
        ref={field}
        key={String(isRecovery)}
        label={t(isRecovery ? 'secondFactor.recovery' : 'secondFactor.code')}
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        error={isWrong ? t(isRecovery ? 'secondFactor.recovery.wrong' : 'secondFactor.wrong') : undefined}
        {...(isRecovery ? { autoComplete: 'off' } : { autoComplete: 'one-time-code', inputMode: 'numeric' })}
        spellCheck={false}
        autoFocus
        size="md"
      />
      {proof.error === null || isWrong ? null : (
        <ErrorNote error={proof.error} text={signInErrorText(proof.error, t)} />
      )}
      <Button type="submit" size="md" loading={proof.isPending}>
        {t('signIn.go')}
      </Button>
      <div className="row">
        <Button
          variant="default"
          size="xs"
          onClick={() => {
            proof.reset()
            setTyped('')
            setRecovery(!isRecovery)
          }}
        >
          {t(isRecovery ? 'secondFactor.useCode' : 'secondFactor.useRecovery')}
        </Button>
        <Button variant="default" size="xs" onClick={back}>
          {t('secondFactor.back')}
        </Button>
      </div>
    </form>
  )
}
