import type { FieldsyncClient } from '@fieldsync/client'
import { useEffect, useState } from 'react'

import { useClient } from './client-context.ts'

/** Undefined until it is read for the first time. */
type Stored<T> = T | undefined

/**
 * Something read from the device, read anew after every change of it, by this person, another tab or others.
 *
 * @param read must be the same function from one drawing to the next
 */
export function useStored<T>(read: (client: FieldsyncClient) => Promise<T>): Stored<T> {
  const client = useClient()
  const [value, setValue] = useState<Stored<T>>()
  useEffect(() => {
    let isCurrent = true
    let turn = 0
    const reread = async () => {
      const mine = ++turn
      try {
        const next = await read(client)
        // An answer that was overtaken by a later question is old.
        if (isCurrent && mine === turn) setValue(next)
      } catch {
        // The store was closed under this component: another takes its place.
      }
    }
    void reread()
    const unsubscribe = client.sync.subscribe(() => void reread())
    return () => {
      isCurrent = false
      unsubscribe()
    }
  }, [client, read])
  return value
}
