import { isFieldsyncError } from '@fieldsync/client'
import type { AuthSession, ProviderError } from '@fieldsync/contracts'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { ErrorNote } from '../../components/error-note.tsx'
import { focusFirstInvalid } from '../../components/form.ts'
import { useMessages } from '../../messages/messages.tsx'
import { auth } from '../../server/auth.ts'
import { ProviderButtons } from './provider-buttons.tsx'
import { SecondFactor } from './second-factor.tsx'
import { signInErrorText } from './sign-in-error-text.ts'

type Props = {
  readonly providers: AuthSession['providers']
  readonly providerError: ProviderError | null
  /** The address to sign in with, where it is known. */
  readonly email?: string | undefined
  readonly onSignedIn: () => void
}

/** Email and password, then the second factor where the person has one; or an organization's provider (APP-76). */
export function AsPerson({ providers, providerError, email, onSignedIn }: Props) {
  const { t } = useMessages()
  const [needsSecond, setNeedsSecond] = useState(false)
  if (!globalThis.isSecureContext) {
    return (
      <p className="note waiting" role="note">
        {t('signIn.needsHttps')}
      </p>
    )
  }
  if (needsSecond) return <SecondFactor onSignedIn={onSignedIn} back={() => setNeedsSecond(false)} />
  return (
    <>
      {providerError === null ? null : (
        <p className="note clash" role="alert">
          {t(`providerError.${providerError}`)}
        </p>
      )}
      <PasswordForm email={email} onSecond={() => setNeedsSecond(true)} onSignedIn={onSignedIn} />
      {providers.length === 0 ? null : <ProviderButtons providers={providers} label="signIn.provider" />}
    </>
  )
}

type FormProps = Pick<Props, 'email' | 'onSignedIn'> & { readonly onSecond: () => void }

function PasswordForm({ email = '', onSecond, onSignedIn }: FormProps) {
  const { t } = useMessages()
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email, password: '' },
    validate: {
      email: (typed) => (typed.trim() === '' ? t('signIn.email.empty') : null),
      password: (typed) => (typed === '' ? t('signIn.password.empty') : null),
    },
  })
  const signIn = useMutation({
    mutationFn: (values: { email: string; password: string }) =>
      auth('signIn', { ...values, email: values.email.trim() }),
    onSuccess: (answer) => ('secondFactor' in answer ? onSecond() : onSignedIn()),
    onError: () => form.getInputNode('password')?.focus(),
  })
  // An address that is none is as unknown as any other.
  const isWrong =
    isFieldsyncError(signIn.error, 'AUTH_REQUIRED') || isFieldsyncError(signIn.error, 'VALIDATION_ERROR')
  return (
    <form
      className="page"
      onSubmit={form.onSubmit((values) => signIn.mutate(values), focusFirstInvalid(form))}
      noValidate
    >
      <TextInput
        type="email"
        label={t('signIn.email')}
        {...form.getInputProps('email')}
        key={form.key('email')}
        autoComplete="username"
        autoFocus={email === ''}
        required
        withAsterisk={false}
        size="md"
      />
      <PasswordInput
        label={t('signIn.password')}
        {...form.getInputProps('password')}
        key={form.key('password')}
        error={form.errors['password'] ?? (isWrong ? t('signIn.person.wrong') : undefined)}
        visibilityToggleButtonProps={{ 'aria-label': t('signIn.password.show'), tabIndex: 0 }}
        autoComplete="current-password"
        autoFocus={email !== ''}
        required
        withAsterisk={false}
        size="md"
      />
      {signIn.error === null || isWrong ? null : (
        <ErrorNote error={signIn.error} text={signInErrorText(signIn.error, t)} />
      )}
      <Button type="submit" size="md" loading={signIn.isPending}>
        {t('signIn.go')}
      </Button>
      <p className="soft">{t('signIn.password.forgotten')}</p>
    </form>
  )
}
