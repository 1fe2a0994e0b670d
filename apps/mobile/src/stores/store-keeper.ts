import { useEffect, useRef } from 'react'

import { useSettings } from '../settings/settings-context.ts'
import { useClient } from '../sync/client-context.ts'
import { useSyncStatus } from '../sync/use-sync-status.ts'
import { afterSync } from './known-stores.ts'

/** After the first sync of a client: remembers which workspace its store belongs to, and the credential that was accepted. */
export function StoreKeeper(): null {
  const client = useClient()
  const { lastSyncAt, foreign } = useSyncStatus()
  const { settings, change } = useSettings()
  const before = useRef({ client, lastSyncAt })
  useEffect(() => {
    if (before.current.client !== client) before.current = { client, lastSyncAt }
    if (foreign !== null || lastSyncAt === before.current.lastSyncAt) return
    before.current = { client, lastSyncAt }
    const remember = async () => {
      const { workspace } = await client.api.session.get.query()
      // A server from before contract 1.4.0 has no uid.
      const workspaceUid: string | undefined = workspace.workspaceUid
      const known = afterSync(settings, { workspaceUid: workspaceUid ?? '', workspaceName: workspace.name })
      if (JSON.stringify(known.stores) !== JSON.stringify(settings.stores)) change(known)
    }
    // It has just answered, and will again.
    void remember().catch(() => undefined)
  }, [client, lastSyncAt, foreign, settings, change])
  return null
}
