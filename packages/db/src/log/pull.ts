import type { Queryable } from '../transaction.ts'

export type PullQuery = {
  workspaceId: string
  deviceId: string
  epoch: number
  operation: string
  /** Idempotency key and syncId: a pull under a key of a stored batch is refused. */
  keys: readonly string[]
  cursor: string | null
  position: number
  maxRecords: number
  maxBytes: number
}

/** A page of the log as JSON texts: `playbook` an object, the record lists without brackets, `rest` more members. */
export type PulledPage = {
  outcome: 'done'
  cursor: string
  playbook: string
  observations: string
  recommendations: string
  rest: string
  lastPosition: number
  hasMore: boolean
}

export type PullOutcome = PulledPage | { outcome: 'credential' | 'key_bound' | 'cursor_invalid' }

type Standing = { head: number; keyBound: boolean; genuine: boolean; playbook: string }

// No row: the device's rights are not what they were.
const STANDING = `SELECT h.position::float8 AS head,
    EXISTS (SELECT FROM sync_events e WHERE e.workspace_id = $1 AND e.device_id = $2 AND e.operation = $4
      AND e.idempotency_key = ANY ($5))
    OR EXISTS (SELECT FROM sync_events e WHERE e.workspace_id = $1 AND e.device_id = $2 AND e.operation = $4
      AND e.sync_id = ANY ($5)) AS "keyBound",
    ($6::text IS NULL OR $6 IS NOT DISTINCT FROM fieldsync_cursor($1, $7)) AS genuine,
    fieldsync_playbook($1) AS playbook
  FROM devices d JOIN workspace_heads h ON h.workspace_id = d.workspace_id
  WHERE d.workspace_id = $1 AND d.device_id = $2 AND d.epoch = $3 AND d.revoked_at IS NULL`

const PAGE = `SELECT fieldsync_cursor($1, p.last_position) AS cursor, p.playbook, p.observations, p.recommendations,
    p.rest, p.last_position::float8 AS "lastPosition", p.has_more AS "hasMore"
  FROM fieldsync_downstream($1, $2, $3, $3, $4, $5) p`

/**
 * Reads one page without a lock. A phone that asks and finds nothing new, which is what most pulls are, costs one
 * plain statement; only news are fetched by a second one, up to the head that the first one saw.
 */
export async function pullPage(connection: Queryable, query: PullQuery): Promise<PullOutcome> {
  const { workspaceId, deviceId, epoch, operation, keys, cursor, position, maxRecords, maxBytes } = query
  const { rows } = await connection.query<Standing>({
    name: 'pull_standing',
    text: STANDING,
    values: [workspaceId, deviceId, epoch, operation, keys, cursor, position],
  })
  const [standing] = rows
  if (!standing) return { outcome: 'credential' }
  const { head, keyBound, genuine, playbook } = standing
  if (keyBound) return { outcome: 'key_bound' }
  if (!genuine) return { outcome: 'cursor_invalid' }
  if (cursor !== null && position === head) {
    const nothing = { observations: '', recommendations: '', rest: '', lastPosition: head, hasMore: false }
    return { outcome: 'done', cursor, playbook, ...nothing }
  }
  const page = await connection.query<Omit<PulledPage, 'outcome'>>({
    name: 'pull_page',
    text: PAGE,
    values: [workspaceId, position, head, maxRecords, maxBytes],
  })
  const [news] = page.rows
  if (!news) throw new Error('fieldsync_downstream answered nothing')
  return { outcome: 'done', ...news }
}
