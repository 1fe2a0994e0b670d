import type { GenerateRecommendationInput, Playbook, WorkspaceId } from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'

import { generationConflict, notFound, ServiceError } from '../core/service-error.ts'
import { readActive } from '../playbooks/read-active.ts'

const ACTIVE_FOR_CROP = `SELECT v.document::text AS document
  FROM playbooks p
  JOIN playbook_versions v ON v.workspace_id = p.workspace_id AND v.playbook_id = p.playbook_id AND v.version = p.active_version
  WHERE p.workspace_id = $1 AND v.kind IS DISTINCT FROM 'retirement' AND v.document ->> 'crop' = $2
  ORDER BY p.playbook_id LIMIT 2`

/**
 * The playbook that a recommendation is computed from (REC-13): the one that is named, or else the workspace's only one for
 * the crop that is not retired.
 */
export async function playbookFor(
  connection: Queryable,
  workspaceId: WorkspaceId,
  { playbookId, playbookVersion }: GenerateRecommendationInput,
  crop: string,
): Promise<Playbook | ServiceError> {
  if (playbookId === undefined) return expected(await onlyOne(connection, workspaceId, crop), playbookVersion)
  const active = await readActive(connection, workspaceId, playbookId)
  if (!active) return notFound('playbook', playbookId)
  if (active.retired) return generationConflict('playbook_retired', `The playbook ${playbookId} is retired.`)
  return expected(active.document, playbookVersion)
}

async function onlyOne(
  connection: Queryable,
  workspaceId: WorkspaceId,
  crop: string,
): Promise<Playbook | ServiceError> {
  const { rows } = await connection.query<{ document: string }>(ACTIVE_FOR_CROP, [workspaceId, crop])
  const [only, ...others] = rows
  if (!only) return generationConflict('no_playbook', `No playbook for ${crop} is in use.`)
  if (others.length > 0)
    return generationConflict('several_playbooks', `Several playbooks for ${crop} are in use: name one.`)
  // Stored from a parsed Playbook, so it is one.
  return JSON.parse(only.document) as Playbook
}

function expected(playbook: Playbook | ServiceError, version: number | undefined): Playbook | ServiceError {
  if (playbook instanceof ServiceError || version === undefined || version === playbook.version)
    return playbook
  return new ServiceError('PLAYBOOK_VERSION_MISMATCH', `The active version is ${playbook.version}.`, {
    details: { activeVersion: playbook.version },
  })
}
