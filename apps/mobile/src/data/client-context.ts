import type { FieldsyncClient } from '@fieldsync/client'
import type { EngineStatus } from '@fieldsync/sync-engine'
import { createContext, use, useSyncExternalStore } from 'react'

export const ClientContext = createContext<FieldsyncClient | null>(null)

export function useClient(): FieldsyncClient {
  const client = use(ClientContext)
  if (client === null) throw new Error('no ClientContext around this component')
  return client
}

/** State, numbers and problem of the sync; the component renders again when one changes. */
export function useSyncStatus(): EngineStatus {
  const client = useClient()
  return useSyncExternalStore(client.subscribe, client.status)
}
