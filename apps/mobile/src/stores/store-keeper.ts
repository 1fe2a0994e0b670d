import { isSameJson } from '@fieldsync/domain'
import { useEffect, useRef } from 'react'

import { useSettings } from '../settings/settings-context.ts'
import { useClient } from '../sync/client-context.ts'
import { useSyncStatus } from '../sync/use-sync-status.ts'
import { afterSync, isSameConnection } from './known-stores.ts'

/** After the first sync of a client: remembers which workspace its store belongs to, and the credential that was accepted. */
export function StoreKeeper(): null {
  const client = useClient()
  const { lastSyncAt, foreign } = useSyncStatus()
  const { settings, change } = useSettings()
  const opened = useRef({ client, lastSyncAt, isKnown: false })
  useEffect(() => {
    if (opened.current.client !== client) opened.current = { client, lastSyncAt, isKnown: false }
    const { current } = opened
    if (foreign !== null || current.isKnown || lastSyncAt === current.lastSyncAt) return
    const remember = async () => {
      const { workspace } = await client.api.session.get.query()
      current.isKnown = true
      // A server from before contract 1.4.0 has no uid.
      const workspaceUid: string | undefined = workspace.workspaceUid
      const found = { workspaceUid: workspaceUid ?? '', workspaceName: workspace.name }
      change((latest) => {
        // The answer came for the connection of then.
        if (!isSameConnection(latest, settings)) return {}
        const known = afterSync(latest, found)
        return isSameJson(known.stores, latest.stores) ? {} : known
      })
    }
    // It has just answered; where it does not now, the next sync asks again.
    void remember().catch(() => undefined)
  }, [client, lastSyncAt, foreign, settings, change])
  return null
}
