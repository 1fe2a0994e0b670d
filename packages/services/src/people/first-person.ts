import { INVITATION_SECONDS, type WorkspaceId } from '@fieldsync/contracts'
import { inTransaction, lockWorkspace } from '@fieldsync/db'

import { newInvitationId } from '../access/person-id.ts'
import type { AdminContext } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'
import { mintEnrollmentCode } from '../devices/enrollment-code.ts'
import { commitAsSystem, requireWorkspace } from '../write/admin-context.ts'
import { hashLinkCode } from './one-time-code.ts'

/**
 * Lets an administrator in from the server itself, by a one-time link: who opens it chooses name, address and password. A code of
 * an earlier call that was not used ends (PEO-6).
 *
 * @returns the code
 * @throws ServiceError NOT_FOUND for an unknown workspace, UNAVAILABLE
 */
export async function openFirstPerson(
  ctx: AdminContext,
  workspaceId: WorkspaceId,
  validForSeconds: number = INVITATION_SECONDS.default,
): Promise<string> {
  await mapUnavailable(() => requireWorkspace(ctx.runtime, workspaceId))
  const code = mintEnrollmentCode()
  const at = ctx.clock.now()
  const invitationId = newInvitationId()
  await mapUnavailable(() =>
    inTransaction(ctx.runtime.db, async (connection) => {
      await lockWorkspace(connection, workspaceId)
      await connection.query(
        `UPDATE invitations SET withdrawn_at = $2
          WHERE workspace_id = $1 AND email IS NULL AND accepted_at IS NULL AND withdrawn_at IS NULL`,
        [workspaceId, at],
      )
      await connection.query(
        `INSERT INTO invitations (invitation_id, code_hash, workspace_id, role, created_at, expires_at)
           VALUES ($1, $2, $3, 'admin', $4, $5)`,
        [
          invitationId,
          hashLinkCode(ctx.runtime.pepper, 'invitation', code),
          workspaceId,
          at,
          new Date(at.getTime() + validForSeconds * 1000),
        ],
      )
      await commitAsSystem(connection, ctx, workspaceId, {
        action: 'person.invite',
        at,
        target: { type: 'invitation', id: invitationId },
        changes: [],
      })
    }),
  )
  return code
}
