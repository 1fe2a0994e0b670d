import { isFieldsyncError } from '@fieldsync/client'
import { CreateDeviceInput, DeviceId, DeviceRole } from '@fieldsync/contracts'
import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { Dialog } from '../../components/dialog.tsx'
import { ErrorNote, LockedNote } from '../../components/error-note.tsx'
import { focusFirstInvalid } from '../../components/form.ts'
import { useMessages } from '../../messages/messages.tsx'
import { useApi, useMay } from '../../server/server.ts'
import { TokenOnce } from './token-once.tsx'

/** Makes a device; its token is shown here and nowhere again. */
export function CreateDevice({ close }: { close: () => void }) {
  const { t } = useMessages()
  const api = useApi()
  const mayCreate = useMay('devices.create')
  const queries = useQueryClient()
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { deviceId: 'dev_', role: 'scout' },
    validate: { deviceId: (deviceId) => (DeviceId.safeParse(deviceId).success ? null : true) },
  })
  const creation = useMutation({
    mutationFn: (input: CreateDeviceInput) => api.devices.create.mutate(input),
    onSuccess: () => queries.invalidateQueries(),
    onError: (error) => {
      if (isFieldsyncError(error, 'CONFLICT')) form.getInputNode('deviceId')?.focus()
    },
  })
  const created = creation.data
  return (
    <Dialog
      close={close}
      title={t(created === undefined ? 'devices.create' : 'devices.created')}
      // The token is gone with this window (APP-47).
      closesBySlip={created === undefined}
    >
      {created === undefined ? (
        <form
          onSubmit={form.onSubmit(
            (values) => creation.mutate(CreateDeviceInput.parse(values)),
            focusFirstInvalid(form),
          )}
          className="page"
        >
          <TextInput
            label={t('devices.id')}
            description={t('devices.id.about')}
            {...form.getInputProps('deviceId')}
            key={form.key('deviceId')}
            error={form.errors['deviceId'] ? t('devices.id.wrong') : undefined}
            data-autofocus
          />
          <NativeSelect
            label={t('devices.role')}
            {...form.getInputProps('role')}
            key={form.key('role')}
            data={DeviceRole.options.map((value) => ({ value, label: t(`role.${value}`) }))}
          />
          {creation.error === null ? null : <ErrorNote error={creation.error} />}
          {mayCreate ? null : <LockedNote />}
          <div className="row">
            <Button type="submit" loading={creation.isPending} disabled={!mayCreate}>
              {t('devices.create')}
            </Button>
            <Button variant="default" onClick={close}>
              {t('cancel')}
            </Button>
          </div>
        </form>
      ) : (
        <div className="page">
          <TokenOnce deviceId={created.deviceId} token={created.token} done={close} />
        </div>
      )}
    </Dialog>
  )
}
