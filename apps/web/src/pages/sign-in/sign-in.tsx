import { connectServer, deviceToken, isFieldsyncError } from '@fieldsync/client'
import { Button, Checkbox, PasswordInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'

import { ErrorNote } from '../../components/error-note.tsx'
import { focusFirstInvalid } from '../../components/form.ts'
import { useTitle } from '../../components/page.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { Preferences } from '../../shell/preferences.tsx'

type Props = { enter: (token: string, remember: boolean) => void; refused: boolean }

/** Asks for a device token and tries it before it is kept. */
export function SignIn({ enter, refused }: Props) {
  const { t } = useMessages()
  useTitle(t('signIn.title'))
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { token: '', remember: false },
    validate: { token: (token) => (token.trim() === '' ? true : null) },
  })
  const trial = useMutation({
    mutationFn: ({ token }: { token: string; remember: boolean }) =>
      connectServer({
        url: globalThis.location.origin,
        credentials: deviceToken(token.trim()),
      }).api.session.get.query({}),
    onSuccess: (_session, { token, remember }) => enter(token.trim(), remember),
    onError: () => form.getInputNode('token')?.focus(),
  })
  const wrong = isFieldsyncError(trial.error, 'AUTH_REQUIRED')
    ? trial.error.details?.reason === 'token_refused'
      ? t('authReason.token_refused')
      : t('signIn.wrong')
    : undefined
  return (
    <main className="gate">
      <div>
        <p className="brand">
          <img src="/icon.svg" alt="" width={36} height={36} />
          {t('app.name')}
        </p>
        <form
          className="card"
          onSubmit={form.onSubmit((values) => trial.mutate(values), focusFirstInvalid(form))}
          noValidate
        >
          <div>
            <h1>{t('signIn.title')}</h1>
            <p className="soft">{t('signIn.lead')}</p>
          </div>
          {refused && !trial.isError ? (
            <p className="note waiting" role="alert">
              {t('signIn.ended')}
            </p>
          ) : null}
          <PasswordInput
            label={t('signIn.token')}
            {...form.getInputProps('token')}
            key={form.key('token')}
            error={form.errors['token'] ? t('signIn.empty') : wrong}
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.show'), tabIndex: 0 }}
            autoComplete="off"
            autoFocus
            spellCheck={false}
            required
            withAsterisk={false}
            size="md"
          />
          <Checkbox
            label={t('signIn.remember')}
            {...form.getInputProps('remember', { type: 'checkbox' })}
            key={form.key('remember')}
          />
          {trial.error !== null && !wrong ? <ErrorNote error={trial.error} /> : null}
          <Button type="submit" size="md" loading={trial.isPending}>
            {t('signIn.go')}
          </Button>
          <p className="soft">{t('signIn.where')}</p>
        </form>
        <Preferences />
      </div>
    </main>
  )
}
