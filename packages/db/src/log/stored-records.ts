import type { Queryable } from '../transaction.ts'

/** A stored record with what a decision needs: the exact text, its effective time and the revision it was read at. */
export type StoredRow = {
  id: string
  document: string
  /** Microseconds since the epoch. */
  timeMicros: number
  revision: number
  storedAt: Date
}

// The workspace is compared as an expression where a record is looked up by its key: the index on (workspace, position)
// would read all of a workspace, and PostgreSQL chooses it when it assumes that the table is tiny
// (docs/decisions/0011).
const OBSERVATIONS = `SELECT observation_id AS id, document::text AS document, time_micros::float8 AS "timeMicros",
  revision, stored_at AS "storedAt" FROM observations WHERE workspace_id || '' = $1 AND observation_id = ANY ($2)`
const RECOMMENDATIONS = `SELECT recommendation_id AS id, document::text AS document, time_micros::float8 AS "timeMicros",
  revision, stored_at AS "storedAt" FROM recommendations WHERE workspace_id || '' = $1 AND recommendation_id = ANY ($2)`
const CORRECTIONS = `SELECT observation_id AS "observationId", correction_id AS "correctionId", content_sha256 AS "contentSha256"
  FROM observation_corrections WHERE workspace_id = $1 AND observation_id = ANY ($2)`
// A retirement is a version; whether changes take two persons is read with what they change.
const PLAYBOOKS = `SELECT p.playbook_id AS id, v.document::text AS document, v.kind IS NOT DISTINCT FROM 'retirement' AS retired,
    coalesce((SELECT s.four_eyes FROM workspace_settings s WHERE s.workspace_id = $1), false) AS "fourEyes"
  FROM playbooks p JOIN playbook_versions v ON v.workspace_id = p.workspace_id AND v.playbook_id = p.playbook_id AND v.version = p.active_version
  WHERE p.workspace_id = $1 AND p.playbook_id = ANY ($2)`
const ACCEPTED_PATCHES = `SELECT DISTINCT ON (patch_id) patch_id AS id, document::text AS document, playbook_id AS "playbookId",
  old_version AS "oldVersion", new_version AS "newVersion", received_at AS "receivedAt"
  FROM playbook_patches WHERE workspace_id = $1 AND patch_id = ANY ($2) AND outcome = 'applied'`
const VERSIONS_SINCE = `SELECT version, patch_id AS "patchId", paths FROM playbook_versions
  WHERE workspace_id = $1 AND playbook_id = $2 AND version > $3::bigint ORDER BY version LIMIT $4`

const select = async <Row extends object>(
  connection: Queryable,
  name: string,
  text: string,
  values: unknown[],
): Promise<Row[]> => (await connection.query<Row>({ name, text, values })).rows

export const readObservations = (
  connection: Queryable,
  workspaceId: string,
  ids: readonly string[],
): Promise<StoredRow[]> => select(connection, 'stored_observations', OBSERVATIONS, [workspaceId, ids])

export const readRecommendations = (
  connection: Queryable,
  workspaceId: string,
  ids: readonly string[],
): Promise<StoredRow[]> => select(connection, 'stored_recommendations', RECOMMENDATIONS, [workspaceId, ids])

export type KnownCorrection = { observationId: string; correctionId: string; contentSha256: string }
/** Every correction of the given observations. */
export const readCorrections = (
  connection: Queryable,
  workspaceId: string,
  observationIds: readonly string[],
): Promise<KnownCorrection[]> =>
  select(connection, 'known_corrections', CORRECTIONS, [workspaceId, observationIds])

/** The active version of a playbook, and what holds for a change of it. */
export type StoredPlaybook = { id: string; document: string; retired: boolean; fourEyes: boolean }

/** Active versions of the given playbooks. */
export const readPlaybooks = (
  connection: Queryable,
  workspaceId: string,
  ids: readonly string[],
): Promise<StoredPlaybook[]> => select(connection, 'active_playbooks', PLAYBOOKS, [workspaceId, ids])

/** One version of a playbook, whichever is active. */
export async function readPlaybookVersion(
  connection: Queryable,
  workspaceId: string,
  playbookId: string,
  version: number,
): Promise<string | undefined> {
  const { rows } = await connection.query<{ document: string }>(
    `SELECT document::text AS document FROM playbook_versions
      WHERE workspace_id = $1 AND playbook_id = $2 AND version = $3::bigint`,
    [workspaceId, playbookId, version],
  )
  return rows[0]?.document
}

export type AcceptedPatch = {
  id: string
  document: string
  playbookId: string
  oldVersion: number
  newVersion: number
  receivedAt: Date
}
export const readAcceptedPatches = (
  connection: Queryable,
  workspaceId: string,
  patchIds: readonly string[],
): Promise<AcceptedPatch[]> =>
  select(connection, 'accepted_patches', ACCEPTED_PATCHES, [workspaceId, patchIds])

export type VersionStep = { version: number; patchId: string | null; paths: string[] }
/** Versions after `version`, oldest first. */
export const readVersionsSince = (
  connection: Queryable,
  workspaceId: string,
  playbookId: string,
  version: number,
  limit: number,
): Promise<VersionStep[]> =>
  select(connection, 'versions_since', VERSIONS_SINCE, [workspaceId, playbookId, version, limit])
