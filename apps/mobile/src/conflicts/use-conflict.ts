import type { FieldsyncClient } from '@fieldsync/client'
import type { Observation, Recommendation } from '@fieldsync/contracts'
import type { LocalConflict } from '@fieldsync/sync-engine'
import { conflictWinner } from '@fieldsync/sync-engine'
import { useCallback } from 'react'

import { useStored } from '../data/use-stored.ts'

/** A conflict by its id; null once it is resolved, undefined until it is read. */
export function useConflict(id: string): LocalConflict | null | undefined {
  const read = useCallback((client: FieldsyncClient) => client.conflict(id), [id])
  return useStored(read)
}

/** A conflict, with the newest version that the server is known to have of a note or recommendation. */
export type OpenConflict = {
  readonly conflict: LocalConflict
  readonly newest: Observation | Recommendation | null
}

/** A conflict beside the newest version; null once it is resolved, undefined until it is read. */
export function useOpenConflict(id: string): OpenConflict | null | undefined {
  const read = useCallback(
    async (client: FieldsyncClient): Promise<OpenConflict | null> => {
      const conflict = await client.conflict(id)
      return conflict && { conflict, newest: await newestOf(client, conflict) }
    },
    [id],
  )
  return useStored(read)
}

/** The later one of what the conflict shows and what came down since. */
async function newestOf(client: FieldsyncClient, conflict: LocalConflict): Promise<OpenConflict['newest']> {
  const shown = conflictWinner(conflict)
  // A quarantined write met no version; a patch has none of its own.
  if (shown === null || 'patchId' in shown) return null
  const { type, entityId } = conflict
  const view =
    type === 'recommendation'
      ? await client.record('recommendation', entityId)
      : await client.record('observation', entityId)
  const server = view?.server ?? null
  const isLater = server !== null && Date.parse(server.updatedAt ?? '') > Date.parse(shown.updatedAt ?? '')
  return isLater ? server : shown
}
