import type { Queryable, WorkspaceWrite } from '@fieldsync/db'

import type { ServiceContext } from '../verb/context.ts'
import { keyConflict } from './commit-decided.ts'

const STORED_ANSWER = `SELECT request_sha256 AS "requestSha256", response FROM sync_events
  WHERE workspace_id = $1 AND device_id = $2 AND operation = $3 AND idempotency_key = $4`

/**
 * The stored answer of a single-record write, if its key is known. Looked up before a refusal is told: a retry of
 * an accepted write must get its answer although the record has moved on since (IDM rules).
 *
 * @throws ServiceError IDEMPOTENCY_CONFLICT for a known key with another payload
 */
export async function storedAnswer(
  ctx: ServiceContext,
  connection: Queryable,
  operation: string,
  requestSha256: string,
): Promise<string | undefined> {
  const { rows } = await connection.query<{ requestSha256: string; response: string }>({
    name: 'stored_answer',
    text: STORED_ANSWER,
    values: [ctx.actor.workspaceId, ctx.actor.deviceId, operation, ctx.request.idempotencyKey],
  })
  const [row] = rows
  if (!row) return undefined
  if (row.requestSha256 !== requestSha256) throw keyConflict()
  return row.response
}

/** Leaves the decision loop with an answer that was already given. */
export class AlreadyAnswered extends Error {
  readonly response: string

  constructor(response: string) {
    super('answered before')
    this.response = response
  }
}

/** Carries out a decision that may find its answer already stored. */
export async function orStoredAnswer(
  work: () => Promise<{ outcome: 'done' | 'replay'; response: string }>,
): Promise<{ response: string; replayed: boolean }> {
  try {
    const { outcome, response } = await work()
    return { response, replayed: outcome === 'replay' }
  } catch (error) {
    if (error instanceof AlreadyAnswered) return { response: error.response, replayed: true }
    throw error
  }
}

/** The key of a single-record write. */
export const singleKey = (
  ctx: ServiceContext,
  requestSha256: string,
): Pick<WorkspaceWrite, 'idempotencyKey' | 'requestSha256'> => ({
  idempotencyKey: ctx.request.idempotencyKey,
  requestSha256,
})
