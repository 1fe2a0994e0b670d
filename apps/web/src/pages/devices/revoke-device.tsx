import type { DeviceId } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { Dialog } from '../../components/dialog.tsx'
import { ErrorNote } from '../../components/error-note.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { useApi, useSignedIn } from '../../server/server.ts'

/** Asks before a device is shut out for good. */
export function RevokeDevice({ deviceId, close }: { deviceId: DeviceId; close: () => void }) {
  const { t } = useMessages()
  const api = useApi()
  const { session } = useSignedIn()
  const queries = useQueryClient()
  const revocation = useMutation({
    mutationFn: () => api.devices.revoke.mutate({ deviceId }),
    onSuccess: async () => {
      close()
      await queries.invalidateQueries()
    },
  })
  return (
    <Dialog close={close} title={t('devices.revoke.title', { device: deviceId })}>
      <div className="page">
        <p>{t('devices.revoke.lead')}</p>
        {deviceId === session.deviceId ? (
          <p className="note waiting" role="alert">
            {t('devices.revoke.own')}
          </p>
        ) : null}
        {revocation.error === null ? null : <ErrorNote error={revocation.error} />}
        <div className="row">
          <Button color="red" loading={revocation.isPending} onClick={() => revocation.mutate()}>
            {t('devices.revoke.go')}
          </Button>
          <Button variant="default" onClick={close} data-autofocus>
            {t('cancel')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
