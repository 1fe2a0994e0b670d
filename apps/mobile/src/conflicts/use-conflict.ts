import type { FieldsyncClient } from '@fieldsync/client'
import type { LocalConflict } from '@fieldsync/sync-engine'
import { useCallback } from 'react'

import { useStored } from '../sync/use-stored.ts'

/** A conflict by its id; null once it is resolved, undefined until it is read. */
export function useConflict(id: string): LocalConflict | null | undefined {
  const read = useCallback((client: FieldsyncClient) => client.sync.conflict(id), [id])
  return useStored(read)
}
