import { isFieldsyncError } from '@fieldsync/client'
import type { StartedTwoFactor } from '@fieldsync/contracts'
import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'

import { Dialog } from '../../components/dialog.tsx'
import { ErrorNote } from '../../components/error-note.tsx'
import { QrCode, ShownOnce } from '../../components/shown-once.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { auth } from '../../server/auth.ts'
import { signInErrorText } from '../sign-in/sign-in-error-text.ts'
import { PasswordStep } from './password-step.tsx'

type Props = { readonly email: string; readonly close: () => void }

/** Sets up a second factor: password, QR code, a code of the app that confirms it, recovery codes (APP-80). */
export function EnableTwoFactor({ email, close }: Props) {
  const { t } = useMessages()
  const queries = useQueryClient()
  const [isConfirmed, setConfirmed] = useState(false)
  const start = useMutation({
    mutationFn: (password: string) => auth('startTwoFactor', { password }),
    // Codes and secret are in no cache once the window is closed.
    gcTime: 0,
  })
  const done = (): void => {
    void queries.invalidateQueries()
    close()
  }
  return (
    <Dialog close={close} title={t('twoFactor.enable.title')} closesBySlip={!isConfirmed}>
      {start.data === undefined ? (
        <PasswordStep
          email={email}
          lead={<p>{t('twoFactor.enable.lead')}</p>}
          label={t('twoFactor.next')}
          change={start}
          close={close}
        />
      ) : isConfirmed ? (
        <div className="page">
          <ShownOnce
            text={start.data.recoveryCodes.join('\n')}
            name="recovery-codes"
            sure={t('twoFactor.recovery.sure')}
            gone={t('twoFactor.recovery.sure')}
            done={done}
            lead={<p>{t('twoFactor.recovery.lead')}</p>}
          />
        </div>
      ) : (
        <Confirm started={start.data} onConfirmed={() => setConfirmed(true)} close={close} />
      )}
    </Dialog>
  )
}

type ConfirmProps = {
  readonly started: StartedTwoFactor
  readonly onConfirmed: () => void
  readonly close: () => void
}

/** Nothing is in force before the app has proven that it has the secret. */
function Confirm({ started: { uri, secret }, onConfirmed, close }: ConfirmProps) {
  const { t } = useMessages()
  const [typed, setTyped] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const confirm = useMutation({
    mutationFn: () => auth('confirmTwoFactor', { code: typed }),
    onSuccess: onConfirmed,
    onError: () => field.current?.select(),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (typed.trim() === '') field.current?.focus()
    else confirm.mutate()
  }
  const isWrong = ['AUTH_REQUIRED', 'FORBIDDEN', 'VALIDATION_ERROR'].some(
    (code) => isFieldsyncError(confirm.error) && confirm.error.code === code,
  )
  return (
    <form className="page" onSubmit={submit} noValidate>
      <p>{t('twoFactor.scan')}</p>
      <QrCode text={uri} label={t('twoFactor.qr')} />
      <p className="soft">{t('twoFactor.secret')}</p>
      <code className="token" data-testid="totp-secret">
        {secret}
      </code>
      <TextInput
        ref={field}
        label={t('secondFactor.code')}
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        error={isWrong ? t('secondFactor.wrong') : undefined}
        inputMode="numeric"
        autoComplete="one-time-code"
        autoFocus
      />
      {confirm.error === null || isWrong ? null : (
        <ErrorNote error={confirm.error} text={signInErrorText(confirm.error, t)} />
      )}
      <div className="row">
        <Button type="submit" loading={confirm.isPending}>
          {t('twoFactor.confirm')}
        </Button>
        <Button variant="default" onClick={close}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  )
}
