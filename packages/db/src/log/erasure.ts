import type { Queryable } from '../transaction.ts'

/** A record by its kind and id. */
export type RecordName = { readonly entityType: 'observation' | 'recommendation'; readonly entityId: string }

const ERASED = `SELECT entity_type AS "entityType", entity_id AS "entityId" FROM erasures
  WHERE workspace_id = $1 AND (entity_type, entity_id) IN (SELECT * FROM unnest($2::text[], $3::text[]))`
const STORED = `SELECT 'observation' AS "entityType", observation_id AS "entityId", document::text AS document FROM observations
    WHERE workspace_id || '' = $1 AND observation_id = ANY ($2)
  UNION ALL SELECT 'recommendation', recommendation_id, document::text FROM recommendations
    WHERE workspace_id || '' = $1 AND observation_id = ANY ($2)`
const HEAD = `SELECT position, audit_seq AS "auditSeq" FROM workspace_heads WHERE workspace_id = $1`
const ERASE = `INSERT INTO erasures (workspace_id, entity_type, entity_id, audit_seq, erased_at)
  SELECT $1, x.type, x.id, $4, $5 FROM unnest($2::text[], $3::text[]) AS x(type, id)`
const BURY = `INSERT INTO tombstones (workspace_id, position, entity_type, entity_id, at)
  SELECT $1, $4::bigint + x.place, x.type, x.id, $5
  FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS x(type, id, place)`
const OBSERVATIONS = `DELETE FROM observations WHERE workspace_id || '' = $1 AND observation_id = ANY ($2)`
const RECOMMENDATIONS = `DELETE FROM recommendations WHERE workspace_id || '' = $1 AND recommendation_id = ANY ($2)`
const CONFLICTS = `DELETE FROM sync_conflicts c USING unnest($2::text[], $3::text[]) AS x(type, id)
  WHERE c.workspace_id = $1 AND c.entity_type = x.type AND c.entity_id = x.id`
// A hash that no request has: whoever sends the key again is answered that it stands for another payload (IDM-3).
const ANSWERS = `UPDATE sync_events e SET response = '', request_sha256 = 'erased'
  WHERE e.workspace_id = $1 AND e.response <> ''
    AND EXISTS (SELECT FROM unnest($2::text[]) AS x(id) WHERE strpos(e.response, '"' || x.id || '"') > 0)`

const columns = (names: readonly RecordName[]): [string[], string[]] => [
  names.map(({ entityType }) => entityType),
  names.map(({ entityId }) => entityId),
]

/** Those of the records that were erased. */
export async function readErased(
  connection: Queryable,
  workspaceId: string,
  names: readonly RecordName[],
): Promise<RecordName[]> {
  if (names.length === 0) return []
  const values = [workspaceId, ...columns(names)]
  return (await connection.query<RecordName>({ name: 'erased', text: ERASED, values })).rows
}

/** The observations with these ids, and the recommendations on them, as they are stored. */
export const readErasable = async (
  connection: Queryable,
  workspaceId: string,
  observationIds: readonly string[],
): Promise<(RecordName & { document: string })[]> =>
  (await connection.query<RecordName & { document: string }>(STORED, [workspaceId, observationIds])).rows

/**
 * Erases records in a transaction that has locked the workspace, and that goes on with a commit of as many positions: their
 * rows, history and conflicts, and every stored answer that names one (ERA-1, ERA-2). Tombstones take the positions.
 *
 * @returns how many stored answers were dropped
 */
export async function eraseStored(
  connection: Queryable,
  workspaceId: string,
  names: readonly RecordName[],
  at: Date,
): Promise<number> {
  const [types, ids] = columns(names)
  const { rows } = await connection.query<{ position: string; auditSeq: string }>(HEAD, [workspaceId])
  const [head] = rows
  if (!head) throw new Error(`the workspace ${workspaceId} has no head row`)
  const auditSeq = Number(head.auditSeq) + 1
  await connection.query(ERASE, [workspaceId, types, ids, auditSeq, at])
  await connection.query(BURY, [workspaceId, types, ids, head.position, at])
  await connection.query(OBSERVATIONS, [workspaceId, ids])
  await connection.query(RECOMMENDATIONS, [workspaceId, ids])
  await connection.query('SELECT fieldsync_erase_history($1, $2)', [workspaceId, auditSeq])
  await connection.query(CONFLICTS, [workspaceId, types, ids])
  const { rowCount } = await connection.query(ANSWERS, [workspaceId, ids])
  return rowCount ?? 0
}
