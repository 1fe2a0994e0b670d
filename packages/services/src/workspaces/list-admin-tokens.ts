import type { WorkspaceId } from '@fieldsync/contracts'

import type { AdminContext } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'

/** A workspace that accepts pre-shared tokens, with the number of its admins that have one. */
type AdminTokens = { readonly workspaceId: WorkspaceId; readonly admins: number }

const ADMIN_TOKENS = `SELECT d.workspace_id AS "workspaceId", count(*)::int AS admins
  FROM devices d LEFT JOIN workspace_settings s ON s.workspace_id = d.workspace_id
  WHERE d.role = 'admin' AND d.revoked_at IS NULL
    AND (s.tokens_refused_from IS NULL OR s.tokens_refused_from > $1)
    AND EXISTS (
      SELECT FROM device_tokens t
      WHERE t.workspace_id = d.workspace_id AND t.device_id = d.device_id AND t.revoked_at IS NULL)
  GROUP BY d.workspace_id ORDER BY d.workspace_id LIMIT $2`

/**
 * Where admins may still call with a pre-shared token, by workspace: for the operator (WSP-5).
 * @throws ServiceError UNAVAILABLE
 */
export async function listAdminTokens({
  ctx,
  limit,
}: {
  ctx: AdminContext
  limit: number
}): Promise<AdminTokens[]> {
  const { rows } = await mapUnavailable(() =>
    ctx.runtime.db.pool.query<AdminTokens>(ADMIN_TOKENS, [ctx.clock.now(), limit]),
  )
  return rows
}
