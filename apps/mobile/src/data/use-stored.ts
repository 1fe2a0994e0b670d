import type { FieldsyncClient } from '@fieldsync/client'
import { useEffect, useState } from 'react'

import { useClient } from './client-context.ts'
import { useFailures } from './failures.ts'
import { changesRecords, reader } from './reader.ts'

/** Undefined until it is read for the first time. */
type Stored<T> = T | undefined

/**
 * Something read from the device, read again after every change of it, by this person, another tab or others. A read that
 * fails is shown at the top of the app and tried again; what was read before stays.
 *
 * @param read must be the same function from one drawing to the next
 */
export function useStored<T>(read: (client: FieldsyncClient) => Promise<T>): Stored<T> {
  const client = useClient()
  const failures = useFailures()
  const [value, setValue] = useState<Stored<T>>()
  useEffect(() => {
    const source = Symbol('a read')
    const reading = reader({
      read: () => read(client),
      onValue: setValue,
      onFailure: (error) =>
        failures.report(source, error === null ? undefined : { error, retry: () => reading.retry() }),
      after: (ms, work) => {
        const timer = setTimeout(work, ms)
        return () => clearTimeout(timer)
      },
    })
    const unsubscribe = client.subscribe((event) => changesRecords(event) && reading.changed())
    return () => {
      unsubscribe()
      reading.close()
      failures.report(source, undefined)
    }
  }, [client, failures, read])
  return value
}
