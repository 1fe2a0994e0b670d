import { isFieldsyncError } from '@fieldsync/client'
import { Button, PasswordInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { ErrorNote } from '../../components/error-note.tsx'
import { focusFirstInvalid } from '../../components/form.ts'
import { useMessages } from '../../messages/messages.tsx'
import { auth } from '../../server/auth.ts'
import { NewPasswordInput, passwordProblem } from '../sign-in/new-password.tsx'
import { signInErrorText } from '../sign-in/sign-in-error-text.ts'

/** Another password; the other sessions of the person end with the former one. */
export function ChangePassword({ email }: { email: string }) {
  const { t } = useMessages()
  const queries = useQueryClient()
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { currentPassword: '', newPassword: '' },
    validate: {
      currentPassword: (typed) => (typed === '' ? t('signIn.password.empty') : null),
      newPassword: (typed) => passwordProblem(typed, t),
    },
  })
  const change = useMutation({
    mutationFn: (values: { currentPassword: string; newPassword: string }) => auth('password', values),
    onSuccess: async () => {
      form.reset()
      await queries.invalidateQueries()
    },
    onError: () => form.getInputNode('currentPassword')?.focus(),
  })
  const isWrong =
    isFieldsyncError(change.error, 'AUTH_REQUIRED') || isFieldsyncError(change.error, 'FORBIDDEN')
  return (
    <form
      className="card"
      onSubmit={form.onSubmit((values) => change.mutate(values), focusFirstInvalid(form))}
      noValidate
    >
      <h2>{t('account.password')}</h2>
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <PasswordInput
        label={t('account.password.current')}
        {...form.getInputProps('currentPassword')}
        key={form.key('currentPassword')}
        error={form.errors['currentPassword'] ?? (isWrong ? t('proveAgain.wrong') : undefined)}
        visibilityToggleButtonProps={{ 'aria-label': t('signIn.password.show'), tabIndex: 0 }}
        autoComplete="current-password"
      />
      <NewPasswordInput
        label={t('password.new')}
        {...form.getInputProps('newPassword')}
        key={form.key('newPassword')}
      />
      {change.error === null || isWrong ? null : (
        <ErrorNote error={change.error} text={signInErrorText(change.error, t)} />
      )}
      {change.isSuccess ? (
        <p className="note settled" role="status">
          {t('account.password.changed')}
        </p>
      ) : null}
      <div className="row">
        <Button type="submit" loading={change.isPending}>
          {t('account.password.go')}
        </Button>
      </div>
    </form>
  )
}
