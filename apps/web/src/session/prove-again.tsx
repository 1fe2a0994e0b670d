import { isFieldsyncError } from '@fieldsync/client'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState, useSyncExternalStore } from 'react'

import { Dialog } from '../components/dialog.tsx'
import { ErrorNote } from '../components/error-note.tsx'
import { useMessages } from '../messages/messages.tsx'
import { ProviderButtons } from '../pages/sign-in/provider-buttons.tsx'
import { signInErrorText } from '../pages/sign-in/sign-in-error-text.ts'
import { auth, useAuthSession } from '../server/auth.ts'
import { reauthentication } from '../server/reauthentication.ts'
import type { SignedInPerson } from '../server/server.ts'

/** Asks the person to prove again who they are, over the page, while a change waits for it (APP-79). */
export function ProveAgain({ person }: { person: SignedInPerson['person'] }) {
  const isAsked = useSyncExternalStore(reauthentication.subscribe, reauthentication.isAsked)
  return isAsked ? <ProveAgainDialog person={person} /> : null
}

function ProveAgainDialog({ person: { email, twoFactor } }: { person: SignedInPerson['person'] }) {
  const { t } = useMessages()
  const { data } = useAuthSession(true)
  const [way, setWay] = useState<'password' | 'code'>('password')
  const [typed, setTyped] = useState('')
  const proof = useMutation({
    mutationFn: () => auth('reauthenticate', way === 'code' ? { code: typed } : { password: typed }),
    onSuccess: () => reauthentication.settle(true),
  })
  const choose = (next: 'password' | 'code'): void => {
    proof.reset()
    setTyped('')
    setWay(next)
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    // React passes a form's event on to the form around the dialog.
    event.stopPropagation()
    if (typed.trim() !== '') proof.mutate()
  }
  const isWrong =
    isFieldsyncError(proof.error, 'AUTH_REQUIRED') || isFieldsyncError(proof.error, 'VALIDATION_ERROR')
  const input = {
    value: typed,
    onChange: ({ currentTarget }: { currentTarget: { value: string } }) => setTyped(currentTarget.value),
    error: isWrong ? t(way === 'code' ? 'secondFactor.wrong' : 'proveAgain.wrong') : undefined,
    'data-autofocus': true,
  }
  return (
    <Dialog title={t('proveAgain.title')} close={() => reauthentication.settle(false)} isOverAll>
      <form className="page" onSubmit={submit} noValidate>
        <p>{t('proveAgain.lead')}</p>
        <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
        {way === 'code' ? (
          <TextInput
            key="code"
            label={t('secondFactor.code')}
            inputMode="numeric"
            autoComplete="one-time-code"
            {...input}
          />
        ) : (
          <PasswordInput
            key="password"
            label={t('signIn.password')}
            autoComplete="current-password"
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.password.show'), tabIndex: 0 }}
            {...input}
          />
        )}
        {proof.error === null || isWrong ? null : (
          <ErrorNote error={proof.error} text={signInErrorText(proof.error, t)} />
        )}
        <div className="row">
          <Button type="submit" loading={proof.isPending} disabled={typed.trim() === ''}>
            {t('proveAgain.go')}
          </Button>
          <Button variant="default" onClick={() => reauthentication.settle(false)}>
            {t('cancel')}
          </Button>
          {twoFactor ? (
            <Button variant="subtle" onClick={() => choose(way === 'code' ? 'password' : 'code')}>
              {t(way === 'code' ? 'proveAgain.password' : 'proveAgain.code')}
            </Button>
          ) : null}
        </div>
        <ProviderButtons providers={data?.providers ?? []} label="signIn.provider" />
      </form>
    </Dialog>
  )
}
