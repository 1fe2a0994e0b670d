import type { EngineStatus } from '@fieldsync/sync-engine'
import { useSyncExternalStore } from 'react'

import { useClient } from './client-context.ts'

/** State, numbers and problem of the sync; the component is drawn anew when one changes. */
export function useSyncStatus(): EngineStatus {
  const { sync } = useClient()
  return useSyncExternalStore(sync.subscribe, sync.status)
}
