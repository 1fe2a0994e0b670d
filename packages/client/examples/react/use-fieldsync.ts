import type { FieldsyncClient } from '@fieldsync/client'
import { createContext, use, useEffect, useState, useSyncExternalStore } from 'react'

export const FieldsyncContext = createContext<FieldsyncClient | null>(null)

export function useFieldsync(): FieldsyncClient {
  const client = use(FieldsyncContext)
  if (client === null) throw new Error('no FieldsyncContext around this component')
  return client
}

/** State, numbers and problem of the sync; the component rerenders when one changes. */
export function useSyncStatus() {
  const { subscribe, status } = useFieldsync()
  return useSyncExternalStore(subscribe, status)
}

/** The last value read, and the error of the last read, if it failed. */
export type Stored<T> = { value?: T; error?: Error }

/** A value read from the device, read again after every change there, by this person or others; one read at a time. */
export function useStored<T>(read: (client: FieldsyncClient) => Promise<T>): Stored<T> {
  const client = useFieldsync()
  const [stored, setStored] = useState<Stored<T>>({})
  useEffect(() => {
    let isCurrent = true
    let isReading = false
    let isOutdated = false
    const reread = async () => {
      isOutdated = isReading
      if (isReading) return
      isReading = true
      const next = await read(client).then(
        (value) => () => ({ value }),
        (error: Error) => (before: Stored<T>) => ({ ...before, error }),
      )
      isReading = false
      if (!isCurrent) return
      setStored(next)
      if (isOutdated) void reread()
    }
    void reread()
    const unsubscribe = client.subscribe(({ kind }) => {
      if (kind === 'storeChanged') void reread()
    })
    return () => {
      isCurrent = false
      unsubscribe()
    }
  }, [client, read])
  return stored
}
