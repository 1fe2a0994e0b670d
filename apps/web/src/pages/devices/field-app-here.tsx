import { isFieldsyncError } from '@fieldsync/client'
import { DeviceId, type OpenedEnrollment } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { ErrorNote } from '../../components/error-note.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { useApi } from '../../server/server.ts'

/** Opens the field app in this browser as a new scout device, by a link of its own: there is nothing to type (APP-68). */
export function FieldAppHere() {
  const { t } = useMessages()
  const api = useApi()
  const queries = useQueryClient()
  const { mutate, isPending, error } = useMutation({
    mutationFn: async (tab: Window | null) => {
      try {
        const { link } = await newScout((deviceId) =>
          api.devices.openEnrollment.mutate({ deviceId, role: 'scout', onlyNew: true }),
        )
        const address = link ?? '/app/'
        if (tab === null) globalThis.location.assign(address)
        else tab.location.replace(address)
      } catch (reason) {
        tab?.close()
        throw reason
      }
    },
    onSuccess: () => queries.invalidateQueries(),
  })
  return (
    <>
      {/* A browser opens another tab at once, or as an unwanted one. */}
      <Button variant="default" loading={isPending} onClick={() => mutate(globalThis.open('about:blank'))}>
        {t('fieldApp.go')}
      </Button>
      {error === null ? null : <ErrorNote error={error} />}
    </>
  )
}

const MOST = 1000

/** An enrollment of the first id that no device has. */
async function newScout(open: (deviceId: DeviceId) => Promise<OpenedEnrollment>): Promise<OpenedEnrollment> {
  for (let number = 1; ; number++) {
    try {
      return await open(DeviceId.parse(`dev_field_${number}`))
    } catch (error) {
      if (!isFieldsyncError(error, 'CONFLICT') || number >= MOST) throw error
    }
  }
}
