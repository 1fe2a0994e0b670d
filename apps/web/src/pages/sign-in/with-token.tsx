import { connectServer, deviceToken, isFieldsyncError } from '@fieldsync/client'
import { Button, Checkbox, PasswordInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'

import { ErrorNote } from '../../components/error-note.tsx'
import { focusFirstInvalid } from '../../components/form.ts'
import { useMessages } from '../../messages/messages.tsx'
import { homeUrl } from '../../server/credential.ts'

/** Asks for a device token and tries it before it is kept. */
export function WithToken({ onToken }: { onToken: (token: string, remember: boolean) => void }) {
  const { t } = useMessages()
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { token: '', remember: false },
    validate: { token: (token) => (token.trim() === '' ? true : null) },
  })
  const trial = useMutation({
    mutationFn: ({ token }: { token: string; remember: boolean }) =>
      connectServer({ url: homeUrl(), credentials: deviceToken(token.trim()) }).api.session.get.query({}),
    onSuccess: (_session, { token, remember }) => onToken(token.trim(), remember),
    onError: () => form.getInputNode('token')?.focus(),
  })
  const wrong = isFieldsyncError(trial.error, 'AUTH_REQUIRED')
    ? trial.error.details?.reason === 'token_refused'
      ? t('authReason.token_refused')
      : t('signIn.wrong')
    : undefined
  return (
    <form
      className="card"
      onSubmit={form.onSubmit((values) => trial.mutate(values), focusFirstInvalid(form))}
      noValidate
    >
      <div>
        <h2>{t('signIn.token.title')}</h2>
        <p className="soft">{t('signIn.token.lead')}</p>
      </div>
      <PasswordInput
        label={t('signIn.token')}
        {...form.getInputProps('token')}
        key={form.key('token')}
        error={form.errors['token'] ? t('signIn.empty') : wrong}
        visibilityToggleButtonProps={{ 'aria-label': t('signIn.show'), tabIndex: 0 }}
        autoComplete="off"
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
      <Button type="submit" size="md" variant="default" loading={trial.isPending}>
        {t('signIn.go')}
      </Button>
    </form>
  )
}
