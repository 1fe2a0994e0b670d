import type { GrantId, GrantRecord } from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'
import { canonicalText, GRANT_ACTIONS, type GrantAction } from '@fieldsync/domain'

import { sha256 } from '../core/json-text.ts'

/** Columns of a grant as {@link grantRecord} reads them. */
export const GRANT_COLUMNS = `g.grant_id AS "grantId", g.device_id AS "deviceId", g.playbook_id AS "playbookId", g.path, g.actions,
  g.not_before AS "notBefore", g.expires_at AS "expiresAt", g.by_role AS "byRole", g.granted_by AS "grantedBy",
  g.granted_at AS "grantedAt", g.revoked_at AS "revokedAt", g.revoked_by AS "revokedBy"`

type Times = 'notBefore' | 'expiresAt' | 'grantedAt' | 'revokedAt'
export type GrantRow = Omit<GrantRecord, Times | 'actions'> & {
  actions: GrantAction[]
  notBefore: Date | null
  expiresAt: Date | null
  grantedAt: Date
  revokedAt: Date | null
}

const text = (instant: Date | null): string | null => instant?.toISOString() ?? null

export const grantRecord = (row: GrantRow): GrantRecord => ({
  ...row,
  actions: GRANT_ACTIONS.filter((action) => row.actions.includes(action)),
  notBefore: text(row.notBefore),
  expiresAt: text(row.expiresAt),
  grantedAt: row.grantedAt.toISOString(),
  revokedAt: text(row.revokedAt),
})

/** The hash by which the audit names a grant. */
export const auditedGrant = (grant: GrantRecord): string => sha256(canonicalText(grant))

/** Reads a grant for a change; the workspace is locked. */
export async function findGrant(
  connection: Queryable,
  workspaceId: string,
  grantId: GrantId,
): Promise<GrantRow | undefined> {
  const { rows } = await connection.query<GrantRow>(
    `SELECT ${GRANT_COLUMNS} FROM playbook_grants g WHERE g.workspace_id = $1 AND g.grant_id = $2`,
    [workspaceId, grantId],
  )
  return rows[0]
}

/**
 * Makes a change of somebody's grants known to their writes under way, which it refuses at their commit (GRA-10). After the
 * caller's own rights were looked at: it may be the holder.
 */
export async function holderChanged(
  connection: Queryable,
  workspaceId: string,
  deviceId: string,
): Promise<void> {
  await connection.query('UPDATE devices SET epoch = epoch + 1 WHERE workspace_id = $1 AND device_id = $2', [
    workspaceId,
    deviceId,
  ])
}
