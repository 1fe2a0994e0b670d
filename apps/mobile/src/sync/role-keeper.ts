import { useEffect, useRef } from 'react'

import { useSettings } from '../settings/settings-context.ts'
import { useClient } from './client-context.ts'
import { useSyncStatus } from './use-sync-status.ts'

/** An administrator changes a role now and then: after a sync, but not after each. */
const ASK_AGAIN_MS = 60_000

/**
 * Asks the server what this device may do, and keeps the answer: at first, after a sync when the last answer is a minute
 * old, and at once when a sync fails, which another role may be the reason of (APP-16).
 */
export function RoleKeeper(): null {
  const client = useClient()
  const { lastSyncAt, state } = useSyncStatus()
  const { settings, change } = useSettings()
  const asked = useRef<{ client: typeof client; at: number; failed: boolean }>(undefined)
  const failed = state === 'error'
  useEffect(() => {
    const last = asked.current
    const age = Date.now() - (last?.at ?? 0)
    const isFresh = last?.client === client && age >= 0 && age < ASK_AGAIN_MS
    if (isFresh && (!failed || last.failed)) return
    const mine = { client, at: Date.now(), failed }
    asked.current = mine
    client.api.session.get.query().then(
      ({ role }) => role !== settings.role && change({ role }),
      // It was not there: asked again after the next sync.
      () => {
        if (asked.current === mine) asked.current = undefined
      },
    )
  }, [client, lastSyncAt, failed, settings.role, change])
  return null
}
