import type { Queryable } from '../transaction.ts'
import type { StoredRow } from './stored-records.ts'

/** A pending recommendation, with its place in the log. */
export type PendingRow = StoredRow & { position: number }

const RECORD = `recommendation_id AS id, document::text AS document, time_micros::float8 AS "timeMicros", revision,
  stored_at AS "storedAt", position::float8 AS position`
const OPEN = `FROM recommendations WHERE workspace_id = $1 AND playbook_id = $2 AND status = 'pending_confirmation'
  AND window_ends_micros > $3`
const PENDING = `SELECT ${RECORD} ${OPEN} AND position < $4 ORDER BY position + 0 DESC LIMIT $5`
const NEWEST_PENDING = `SELECT max(position + 0)::float8 AS position ${OPEN}`
const OF_OBSERVATIONS = `SELECT ${RECORD} FROM recommendations WHERE workspace_id || '' = $1 AND observation_id = ANY ($2)
  ORDER BY observation_id, position`
const WEATHER = `SELECT document::text AS document FROM weather_features
  WHERE workspace_id = $1 AND weather_features_id = ANY ($2)`
const VERSIONS = `SELECT document::text AS document FROM playbook_versions
  WHERE workspace_id = $1 AND playbook_id = $2 AND version = ANY ($3::bigint[])`
const ACTIVE_VERSIONS = `SELECT playbook_id AS id, active_version AS version FROM playbooks
  WHERE workspace_id = $1 AND playbook_id = ANY ($2)`
const TIME_ZONE = 'SELECT time_zone AS "timeZone" FROM workspaces WHERE workspace_id = $1'

/** Where a reader of pending recommendations begins: with the newest. */
export const FROM_THE_NEWEST = Number.MAX_SAFE_INTEGER

/**
 * Pending recommendations by a playbook whose window ends later, the newest change first.
 *
 * @param endsAfter microseconds since the epoch
 * @param before only those at earlier positions
 */
export async function readPending(
  connection: Queryable,
  workspaceId: string,
  playbookId: string,
  { endsAfter, before, limit }: { endsAfter: number; before: number; limit: number },
): Promise<PendingRow[]> {
  const values = [workspaceId, playbookId, endsAfter, before, limit]
  return (await connection.query<PendingRow>({ name: 'pending_recommendations', text: PENDING, values })).rows
}

/** Position of the newest of them; null for none. */
export async function newestPending(
  connection: Queryable,
  workspaceId: string,
  playbookId: string,
  endsAfter: number,
): Promise<number | null> {
  const values = [workspaceId, playbookId, endsAfter]
  const query = { name: 'newest_pending', text: NEWEST_PENDING, values }
  return (await connection.query<{ position: number | null }>(query)).rows[0]?.position ?? null
}

/** Every recommendation for the given observations. */
export async function readRecommendationsFor(
  connection: Queryable,
  workspaceId: string,
  observationIds: readonly string[],
): Promise<PendingRow[]> {
  const query = { name: 'recommendations_for', text: OF_OBSERVATIONS, values: [workspaceId, observationIds] }
  return (await connection.query<PendingRow>(query)).rows
}

/** Texts of stored weather features. */
export const readWeather = (
  connection: Queryable,
  workspaceId: string,
  ids: readonly string[],
): Promise<string[]> => documents(connection, 'weather_of', WEATHER, [workspaceId, ids])

/** Texts of some versions of a playbook. */
export const readVersions = (
  connection: Queryable,
  workspaceId: string,
  playbookId: string,
  versions: readonly number[],
): Promise<string[]> => documents(connection, 'versions_of', VERSIONS, [workspaceId, playbookId, versions])

async function documents(
  connection: Queryable,
  name: string,
  text: string,
  values: unknown[],
): Promise<string[]> {
  const { rows } = await connection.query<{ document: string }>({ name, text, values })
  return rows.map(({ document }) => document)
}

/** Active versions of those playbooks that are stored. */
export async function readActiveVersions(
  connection: Queryable,
  workspaceId: string,
  playbookIds: readonly string[],
): Promise<Map<string, number>> {
  const query = { name: 'active_versions', text: ACTIVE_VERSIONS, values: [workspaceId, playbookIds] }
  const { rows } = await connection.query<{ id: string; version: number }>(query)
  return new Map(rows.map(({ id, version }) => [id, version]))
}

/** The workspace's time zone, an IANA name. */
export async function readTimeZone(connection: Queryable, workspaceId: string): Promise<string> {
  const query = { name: 'time_zone', text: TIME_ZONE, values: [workspaceId] }
  const [row] = (await connection.query<{ timeZone: string }>(query)).rows
  if (!row) throw new Error('the workspace of a write exists')
  return row.timeZone
}
