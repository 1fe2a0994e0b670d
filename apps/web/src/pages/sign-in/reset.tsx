import { isFieldsyncError } from '@fieldsync/client'
import { Button } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'

import { ErrorNote } from '../../components/error-note.tsx'
import { focusFirstInvalid } from '../../components/form.ts'
import { useMessages } from '../../messages/messages.tsx'
import { auth } from '../../server/auth.ts'
import { NewPasswordInput, passwordProblem } from './new-password.tsx'
import { signInErrorText } from './sign-in-error-text.ts'

/** Sets a new password by a link from an administrator; then the person signs in with it. */
export function Reset({ code, done }: { code: string; done: () => void }) {
  const { t } = useMessages()
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { newPassword: '' },
    validate: { newPassword: (typed) => passwordProblem(typed, t) },
  })
  const reset = useMutation({
    mutationFn: ({ newPassword }: { newPassword: string }) => auth('reset', { code, newPassword }),
  })
  if (reset.isSuccess) {
    return (
      <>
        <p role="status">{t('reset.done')}</p>
        <Button autoFocus size="md" onClick={done}>
          {t('signIn.title')}
        </Button>
      </>
    )
  }
  return (
    <form
      className="page"
      onSubmit={form.onSubmit((values) => reset.mutate(values), focusFirstInvalid(form))}
      noValidate
    >
      <p>{t('reset.lead')}</p>
      <NewPasswordInput
        label={t('password.new')}
        {...form.getInputProps('newPassword')}
        key={form.key('newPassword')}
        autoFocus
        size="md"
      />
      {reset.error === null ? null : (
        <ErrorNote
          error={reset.error}
          text={
            isFieldsyncError(reset.error, 'ENROLLMENT_INVALID')
              ? t('reset.invalid')
              : signInErrorText(reset.error, t)
          }
        />
      )}
      <Button type="submit" size="md" loading={reset.isPending}>
        {t('reset.go')}
      </Button>
      <Button variant="default" onClick={done}>
        {t('accept.ignore')}
      </Button>
    </form>
  )
}
