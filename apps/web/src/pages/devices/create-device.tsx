import { CreateDeviceInput, DeviceId, DeviceRole } from '@fieldsync/contracts'
import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'

import { Dialog } from '../../components/dialog.tsx'
import { ErrorNote } from '../../components/error-note.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { useApi } from '../../server/server.ts'
import { TokenOnce } from './token-once.tsx'

/** Makes a device; its token is shown here and nowhere again. */
export function CreateDevice({ close }: { close: () => void }) {
  const { t } = useMessages()
  const api = useApi()
  const queries = useQueryClient()
  const [deviceId, setDeviceId] = useState('dev_')
  const [role, setRole] = useState<string>('scout')
  const [tried, setTried] = useState(false)
  const creation = useMutation({
    mutationFn: (input: CreateDeviceInput) => api.devices.create.mutate(input),
    onSuccess: () => queries.invalidateQueries(),
  })
  const valid = DeviceId.safeParse(deviceId).success
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    const input = CreateDeviceInput.safeParse({ deviceId, role })
    if (input.success) creation.mutate(input.data)
  }
  const created = creation.data
  return (
    <Dialog
      close={close}
      title={t(created === undefined ? 'devices.create' : 'devices.created')}
      // The token is gone with this window (APP-47).
      closesBySlip={created === undefined}
    >
      {created === undefined ? (
        <form onSubmit={submit} className="page">
          <TextInput
            label={t('devices.id')}
            description={t('devices.id.about')}
            value={deviceId}
            onChange={(event) => setDeviceId(event.currentTarget.value)}
            error={tried && !valid ? t('devices.id.wrong') : undefined}
            data-autofocus
          />
          <NativeSelect
            label={t('devices.role')}
            value={role}
            onChange={(event) => setRole(event.currentTarget.value)}
            data={DeviceRole.options.map((value) => ({ value, label: t(`role.${value}`) }))}
          />
          {creation.error === null ? null : <ErrorNote error={creation.error} />}
          <div className="row">
            <Button type="submit" loading={creation.isPending}>
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
