import type { Queryable } from '../transaction.ts'

/** A grant that was not revoked, in force or not. */
export type PlaybookGrantRow = {
  playbookId: string | null
  path: string
  actions: string[]
  notBefore: Date | null
  expiresAt: Date | null
}

const GRANTS = `SELECT playbook_id AS "playbookId", path, actions, not_before AS "notBefore", expires_at AS "expiresAt"
  FROM playbook_grants WHERE workspace_id = $1 AND device_id = $2 AND revoked_at IS NULL ORDER BY granted_at, grant_id`

/** What a caller was granted in the playbooks of its workspace, the oldest first. */
export async function readPlaybookGrants(
  connection: Queryable,
  workspaceId: string,
  deviceId: string,
): Promise<PlaybookGrantRow[]> {
  const { rows } = await connection.query<PlaybookGrantRow>({
    name: 'playbook_grants',
    text: GRANTS,
    values: [workspaceId, deviceId],
  })
  return rows
}
