import type { Queryable, WorkspaceWrite } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import type { ServiceError } from '../core/service-error.ts'
import { keyConflict } from './commit-decided.ts'

const STORED_ANSWER = `SELECT request_sha256 AS "requestSha256", response FROM sync_events
    WHERE idempotency_key = ANY ($4) AND device_id = $2 AND workspace_id = $1 AND operation = $3
  UNION ALL SELECT request_sha256, response FROM sync_events
    WHERE sync_id = ANY ($4) AND device_id = $2 AND workspace_id = $1 AND operation = $3`

/**
 * The stored answer of a write if one of its keys is known, or the refusal of another payload. Looked up before a refusal
 * is returned: a retry of an accepted write must get its answer although the record has moved on since (IDM rules).
 */
export async function storedAnswer(
  ctx: ServiceContext,
  connection: Queryable,
  operation: string,
  requestSha256: string,
  keys: readonly string[] = [ctx.request.idempotencyKey],
): Promise<{ answered: string } | { refusal: ServiceError } | undefined> {
  const { rows } = await connection.query<{ requestSha256: string; response: string }>({
    name: 'stored_answer',
    text: STORED_ANSWER,
    values: [ctx.actor.workspaceId, ctx.actor.deviceId, operation, keys],
  })
  if (rows.some((row) => row.requestSha256 !== requestSha256)) return { refusal: keyConflict() }
  const [stored] = rows
  return stored && { answered: stored.response }
}

/** The key of a single-record write. */
export const singleKey = (
  ctx: ServiceContext,
  requestSha256: string,
): Pick<WorkspaceWrite, 'idempotencyKey' | 'requestSha256'> => ({
  idempotencyKey: ctx.request.idempotencyKey,
  requestSha256,
})
