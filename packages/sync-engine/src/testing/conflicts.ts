import type { ConflictCode, ConflictId, SyncConflict } from '@fieldsync/contracts'
import { CONFLICT_TABLE } from '@fieldsync/domain'

import type { LocalConflict } from '../core/local-conflict.ts'
import { sequenceKey } from '../core/local-store.ts'

type Losing = LocalConflict['losing']
type Kind = LocalConflict['kind']
type Members = 'id' | 'type' | 'entityId' | 'losing' | 'foundAt' | 'place'
type Why<K extends Kind> = Omit<Extract<LocalConflict, { kind: K }>, Members>

const about = (losing: Losing, place: number) => {
  const at = { id: `c${place}`, losing, foundAt: 1, place: sequenceKey(place) }
  if ('patchId' in losing) return { ...at, type: 'playbookPatch', entityId: losing.patchId } as const
  if ('recommendationId' in losing)
    return { ...at, type: 'recommendation', entityId: losing.recommendationId } as const
  return { ...at, type: 'observation', entityId: losing.observationId } as const
}

/** A write that the server refused for its shape, and its place in the outbox. */
export const quarantined = (
  losing: Losing,
  why: Partial<Why<'quarantine'>> = {},
  place = 1,
): Extract<LocalConflict, { kind: 'quarantine' }> => ({
  ...about(losing, place),
  kind: 'quarantine',
  issues: [],
  ...why,
})

/** A write that met something newer on the device; without `server` that was a deletion. */
export const parked = (
  losing: Losing,
  why: Partial<Why<'local'>> = {},
  place = 1,
): Extract<LocalConflict, { kind: 'local' }> => ({
  ...about(losing, place),
  kind: 'local',
  server: null,
  code: null,
  resolution: 'resubmit',
  message: 'in English',
  ...why,
})

/** A write that the server decided against. */
export function refusedBy(
  code: ConflictCode,
  losing: Losing,
  why: Partial<SyncConflict> = {},
  place = 1,
): Extract<LocalConflict, { kind: 'server' }> {
  const { type: entityType, entityId, ...at } = about(losing, place)
  const conflict: SyncConflict = {
    entityType,
    entityId,
    code,
    message: 'in English',
    conflictId: 'cnf_1' as ConflictId,
    resolution: CONFLICT_TABLE[code].resolutions[0],
    ...why,
  }
  return { ...at, type: entityType, entityId, kind: 'server', conflict }
}
