import type { FieldsyncClient } from '@fieldsync/client'
import { createContext, use, useEffect, useState, useSyncExternalStore } from 'react'

export const FieldsyncContext = createContext<FieldsyncClient | null>(null)

export function useFieldsync(): FieldsyncClient {
  const client = use(FieldsyncContext)
  if (client === null) throw new Error('no FieldsyncContext around this component')
  return client
}

/** State, numbers and problem of the sync; the component is drawn anew when one changes. */
export function useSyncStatus() {
  const { sync } = useFieldsync()
  return useSyncExternalStore(sync.subscribe, sync.status)
}

/** Something read from the device, read anew after every change of it, by this person or others. */
export function useStored<T>(read: (client: FieldsyncClient) => Promise<T>): T | undefined {
  const client = useFieldsync()
  const [value, setValue] = useState<T>()
  useEffect(() => {
    let current = true
    const reread = async () => {
      const next = await read(client)
      if (current) setValue(next)
    }
    void reread()
    const unsubscribe = client.sync.subscribe(() => void reread())
    return () => {
      current = false
      unsubscribe()
    }
  }, [client, read])
  return value
}
