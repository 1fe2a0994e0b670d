import { Email, type InvitationDetails } from '@fieldsync/contracts'
import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'

import { ErrorNote } from '../../components/error-note.tsx'
import { focusFirstInvalid } from '../../components/form.ts'
import { useMessages } from '../../messages/messages.tsx'
import { auth } from '../../server/auth.ts'
import { NewPasswordInput, passwordProblem } from './new-password.tsx'
import { invitationErrorText } from './sign-in-error-text.ts'

type Props = {
  readonly code: string
  readonly invitation: InvitationDetails
  readonly onAccepted: (workspaceId: string) => void
}

/** A person's name and password, and the address of the first person, who chooses it. */
export function NewAccount({ code, invitation: { email, name }, onAccepted }: Props) {
  const { t } = useMessages()
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: email ?? '', name: name ?? '', password: '' },
    validate: {
      name: (typed) => (typed.trim() === '' ? t('account.name.empty') : null),
      email: (typed) => (Email.safeParse(typed.trim()).success ? null : t('signIn.email.wrong')),
      password: (typed) => passwordProblem(typed, t),
    },
  })
  const accept = useMutation({
    mutationFn: (values: { email: string; name: string; password: string }) =>
      auth('accept', {
        code,
        name: values.name.trim(),
        password: values.password,
        ...(email === null ? { email: values.email.trim() } : {}),
      }),
    onSuccess: ({ workspaceId }) => onAccepted(workspaceId),
  })
  return (
    <form
      className="page"
      onSubmit={form.onSubmit((values) => accept.mutate(values), focusFirstInvalid(form))}
      noValidate
    >
      <TextInput
        label={t('account.name')}
        description={t('account.name.about')}
        {...form.getInputProps('name')}
        key={form.key('name')}
        autoComplete="name"
        autoFocus
        size="md"
      />
      <TextInput
        type="email"
        label={t('signIn.email')}
        {...form.getInputProps('email')}
        key={form.key('email')}
        autoComplete="username"
        readOnly={email !== null}
        size="md"
      />
      <NewPasswordInput
        label={t('signIn.password')}
        {...form.getInputProps('password')}
        key={form.key('password')}
        size="md"
      />
      {accept.error === null ? null : (
        <ErrorNote error={accept.error} text={invitationErrorText(accept.error, t)} />
      )}
      <Button type="submit" size="md" loading={accept.isPending}>
        {t('accept.go')}
      </Button>
    </form>
  )
}
