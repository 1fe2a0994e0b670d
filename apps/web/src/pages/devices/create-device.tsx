import { isFieldsyncError } from '@fieldsync/client'
import { CreateDeviceInput, DeviceId, DeviceRole } from '@fieldsync/contracts'
import { Button, NativeSelect, Radio, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { Dialog } from '../../components/dialog.tsx'
import { ErrorNote, LockedNote } from '../../components/error-note.tsx'
import { focusFirstInvalid } from '../../components/form.ts'
import { useMessages } from '../../messages/messages.tsx'
import { useApi, useMay } from '../../server/server.ts'
import { LinkOnce, TokenOnce } from './shown-once.tsx'

/** How a new device proves who it is: by a key of its own, or by a token that is typed into it. */
const WAYS = ['link', 'token'] as const
type Values = { deviceId: string; role: string; way: string }

/** Creates a device; its link, or its token, is shown here and nowhere again. */
export function CreateDevice({ close }: { close: () => void }) {
  const { t } = useMessages()
  const api = useApi()
  const mayCreate = useMay('devices.create')
  const queries = useQueryClient()
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { deviceId: 'dev_', role: 'scout', way: 'link' },
    validate: { deviceId: (deviceId) => (DeviceId.safeParse(deviceId).success ? null : true) },
  })
  const creation = useMutation({
    mutationFn: async ({ way, ...values }: Values) => {
      const input = CreateDeviceInput.parse(values)
      return way === 'link'
        ? { enrollment: await api.devices.openEnrollment.mutate({ ...input, onlyNew: true }) }
        : { device: await api.devices.create.mutate(input) }
    },
    onSuccess: () => queries.invalidateQueries(),
    onError: (error) => {
      const isTaken = isFieldsyncError(error, 'CONFLICT') && error.details?.reason === undefined
      if (isTaken) form.getInputNode('deviceId')?.focus()
    },
  })
  const created = creation.data
  return (
    <Dialog
      close={close}
      title={t(titleOf(created))}
      // The token is gone with this window (APP-47).
      closesBySlip={created === undefined}
    >
      {created === undefined ? (
        <form
          onSubmit={form.onSubmit((values) => creation.mutate(values), focusFirstInvalid(form))}
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
          <Radio.Group label={t('devices.way')} {...form.getInputProps('way')} key={form.key('way')}>
            <div className="page">
              {WAYS.map((way) => (
                <Radio
                  key={way}
                  value={way}
                  label={t(`devices.way.${way}`)}
                  description={t(`devices.way.${way}.about`)}
                />
              ))}
            </div>
          </Radio.Group>
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
          {created.enrollment === undefined ? (
            <TokenOnce deviceId={created.device.deviceId} token={created.device.token} done={close} />
          ) : (
            <LinkOnce enrollment={created.enrollment} done={close} />
          )}
        </div>
      )}
    </Dialog>
  )
}

const titleOf = (created: { enrollment?: unknown } | undefined) =>
  created === undefined
    ? 'devices.create'
    : created.enrollment === undefined
      ? 'devices.created'
      : 'devices.opened'
