import { useEffect, useRef } from 'react'

import { useSettings } from '../settings/settings-context.ts'
import { useClient } from './client-context.ts'
import { useSyncStatus } from './use-sync-status.ts'

/** Asks the server once for each client what this device may do, as soon as it can be reached, and keeps the answer. */
export function RoleKeeper(): null {
  const client = useClient()
  const { lastSyncAt } = useSyncStatus()
  const { settings, change } = useSettings()
  const asked = useRef<typeof client>(undefined)
  useEffect(() => {
    if (asked.current === client) return
    asked.current = client
    client.api.session.get.query().then(
      ({ role }) => role !== settings.role && change({ role }),
      // It was not there: asked again after the next sync.
      () => (asked.current = undefined),
    )
  }, [client, lastSyncAt, settings.role, change])
  return null
}
