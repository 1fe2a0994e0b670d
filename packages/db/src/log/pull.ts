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

const PULL = `SELECT outcome, cursor, playbook, observations, recommendations, rest,
  last_position::float8 AS "lastPosition", has_more AS "hasMore"
  FROM fieldsync_pull($1, $2, $3, $4, $5, $6, $7, $8, $9)`

/** Reads one page in one round trip, from one snapshot, without a lock. */
export async function pullPage(connection: Queryable, query: PullQuery): Promise<PullOutcome> {
  const { rows } = await connection.query<PullOutcome>({
    name: 'fieldsync_pull',
    text: PULL,
    values: [
      query.workspaceId,
      query.deviceId,
      query.epoch,
      query.operation,
      query.keys,
      query.cursor,
      query.position,
      query.maxRecords,
      query.maxBytes,
    ],
  })
  const [row] = rows
  if (!row) throw new Error('fieldsync_pull answered nothing')
  return row
}
