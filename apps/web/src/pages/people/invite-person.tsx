import { DeviceRole, Email } from '@fieldsync/contracts'
import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { Dialog } from '../../components/dialog.tsx'
import { ErrorNote, LockedNote } from '../../components/error-note.tsx'
import { focusFirstInvalid } from '../../components/form.ts'
import { ShownOnce } from '../../components/shown-once.tsx'
import { useMessages, useMomentText } from '../../messages/messages.tsx'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'

type Values = { email: string; name: string; role: string }

/** Invites a person; the link is shown here and nowhere again (APP-82). */
export function InvitePerson({ close }: { close: () => void }) {
  const { t } = useMessages()
  const api = useApi()
  const mayInvite = useMay('people.invite')
  const queries = useQueryClient()
  const moment = useMomentText(useSignedIn().session.workspace.timeZone)
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', name: '', role: 'agronomist' },
    validate: { email: (typed) => (Email.safeParse(typed.trim()).success ? null : t('signIn.email.wrong')) },
  })
  const invitation = useMutation({
    mutationFn: ({ email, name, role }: Values) =>
      api.people.invite.mutate({
        email: email.trim(),
        role: DeviceRole.parse(role),
        ...(name.trim() === '' ? {} : { name: name.trim() }),
      }),
    onSuccess: () => queries.invalidateQueries(),
  })
  if (invitation.data !== undefined) {
    const { email, link, expiresAt } = invitation.data
    return (
      <Dialog close={close} title={t('people.invited')} closesBySlip={false}>
        <div className="page">
          <ShownOnce
            text={link ?? undefined}
            name="person-link"
            sure={t('people.link.sure')}
            gone={t('people.link.gone')}
            done={close}
            lead={<p>{t('people.link.lead', { email })}</p>}
          >
            <p className="soft">{t('people.link.until', { until: moment(expiresAt) })}</p>
          </ShownOnce>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog close={close} title={t('people.invite')}>
      <form
        className="page"
        onSubmit={form.onSubmit((values) => invitation.mutate(values), focusFirstInvalid(form))}
        noValidate
      >
        <TextInput
          type="email"
          label={t('signIn.email')}
          {...form.getInputProps('email')}
          key={form.key('email')}
          autoComplete="off"
          data-autofocus
        />
        <TextInput
          label={t('people.name')}
          description={t('people.name.about')}
          {...form.getInputProps('name')}
          key={form.key('name')}
          autoComplete="off"
        />
        <NativeSelect
          label={t('devices.role')}
          {...form.getInputProps('role')}
          key={form.key('role')}
          data={DeviceRole.options.map((value) => ({ value, label: t(`role.${value}`) }))}
        />
        {invitation.error === null ? null : <ErrorNote error={invitation.error} />}
        {mayInvite ? null : <LockedNote />}
        <div className="row">
          <Button type="submit" loading={invitation.isPending} disabled={!mayInvite}>
            {t('people.invite.go')}
          </Button>
          <Button variant="default" onClick={close}>
            {t('cancel')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
