import type { SyncUpserts } from '@fieldsync/contracts'
import {
  type Queryable,
  readAcceptedPatches,
  readCorrections,
  readErased,
  readObservations,
  readPlaybooks,
  readRecommendations,
  readVersionsSince,
  type RecordName,
} from '@fieldsync/db'
import type { Actor } from '@fieldsync/domain'

import { grantsOf } from './playbook-grants.ts'
import type { VersionsSince } from './rebase-information.ts'
import { askedFor, type StoredRows, unique } from './working-set.ts'

/**
 * Reads the current state of every record that the upserts name, each kind in one query, and where patches are among them what
 * the caller was granted.
 *
 * @param withErased which of them were erased as well: only once a commit has found that one was (ERA-3)
 */
export async function readStoredRows(
  connection: Queryable,
  { workspaceId, deviceId }: Pick<Actor, 'workspaceId' | 'deviceId'>,
  upserts: SyncUpserts,
  withErased = false,
): Promise<StoredRows> {
  const { observations, playbookPatches } = upserts
  const asked = askedFor(upserts)
  const { observation: observationIds, recommendation: recommendationIds, playbook: playbookIds } = asked
  const correctedIds = unique(
    observations.flatMap((record) => (record.correction ? [record.observationId] : [])),
  )
  const patchIds = unique(playbookPatches.map((record) => record.patchId))

  const none = Promise.resolve([])
  const observationsRead = observationIds.length
    ? readObservations(connection, workspaceId, observationIds)
    : none
  const playbooksRead = playbookIds.length ? readPlaybooks(connection, workspaceId, playbookIds) : none
  // A history is read after the record it belongs to: what is newer than the record shows at the commit, what is
  // older would let an accepted correction or patch pass for unknown.
  const [observationRows, correctionRows, recommendationRows, playbookRows, patchRows, grants, erased] =
    await Promise.all([
      observationsRead,
      correctedIds.length
        ? observationsRead.then(() => readCorrections(connection, workspaceId, correctedIds))
        : none,
      recommendationIds.length ? readRecommendations(connection, workspaceId, recommendationIds) : none,
      playbooksRead,
      patchIds.length
        ? playbooksRead.then(() => readAcceptedPatches(connection, workspaceId, patchIds))
        : none,
      patchIds.length ? grantsOf(connection, workspaceId, deviceId) : none,
      withErased ? readErased(connection, workspaceId, namesOf(asked)) : none,
    ])
  return {
    asked,
    observationRows,
    correctionRows,
    recommendationRows,
    playbookRows,
    patchRows,
    grants,
    erased: new Set(erased.map(({ entityType, entityId }) => `${entityType} ${entityId}`)),
  }
}

const namesOf = ({ observation, recommendation }: StoredRows['asked']): RecordName[] => [
  ...observation.map((entityId) => ({ entityType: 'observation', entityId }) as const),
  ...recommendation.map((entityId) => ({ entityType: 'recommendation', entityId }) as const),
]

/** How the decisions on patches read what has happened to a playbook. */
export const versionsSince =
  (connection: Queryable, workspaceId: string): VersionsSince =>
  (...step) =>
    readVersionsSince(connection, workspaceId, ...step)
