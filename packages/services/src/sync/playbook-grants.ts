import { PlaybookId } from '@fieldsync/contracts'
import { type Queryable, readPlaybookGrants } from '@fieldsync/db'
import { GRANT_ACTIONS, isInForce, type PlaybookGrant } from '@fieldsync/domain'

/** What a caller was granted in the playbooks, also what is not in force; read with the decision that asks for it (GRA-8). */
export async function grantsOf(
  connection: Queryable,
  workspaceId: string,
  deviceId: string,
): Promise<PlaybookGrant[]> {
  const rows = await readPlaybookGrants(connection, workspaceId, deviceId)
  return rows.map(({ playbookId, actions, ...row }) => ({
    ...row,
    playbookId: playbookId === null ? null : PlaybookId.parse(playbookId),
    actions: GRANT_ACTIONS.filter((action) => actions.includes(action)),
  }))
}

/**
 * True if a decision of this instant may rest on a grant that ends. Then it is made, and stored, under the workspace's lock: it
 * cannot wait there until the grant has ended (GRA-11).
 */
export const mayEndSoon = (grants: readonly PlaybookGrant[], at: Date): boolean =>
  grants.some((grant) => grant.expiresAt !== null && isInForce(grant, at))
