import type { DeviceRole, InvitationDetails, InvitationId, WorkspaceId } from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'

import type { AdminContext } from '../core/context.ts'
import { ServiceError } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { hashLinkCode } from './one-time-code.ts'

/** An invitation by its code, as long as it can be accepted. */
export type OpenInvitation = {
  readonly invitationId: InvitationId
  readonly workspaceId: WorkspaceId
  readonly workspaceName: string
  readonly email: string | null
  readonly name: string | null
  readonly role: DeviceRole
  /** Who has an account under its address. */
  readonly personId: string | null
}

const OPEN = `SELECT i.invitation_id AS "invitationId", i.workspace_id AS "workspaceId", w.name AS "workspaceName", i.email, i.name,
    i.role, p.id AS "personId"
  FROM invitations i JOIN workspaces w ON w.workspace_id = i.workspace_id LEFT JOIN people p ON p.email = i.email
  WHERE i.code_hash = $1 AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > $2`

/** The invitation of a code; undefined where it was used, withdrawn, has expired, or is none. */
export async function openInvitation(
  ctx: AdminContext,
  connection: Queryable,
  code: string,
): Promise<OpenInvitation | undefined> {
  const { rows } = await connection.query<OpenInvitation>(OPEN, [
    hashLinkCode(ctx.runtime.pepper, 'invitation', code),
    ctx.clock.now(),
  ])
  return rows[0]
}

/**
 * What the code of an invitation is good for; looking uses nothing up (PEO-6).
 * @throws ServiceError ENROLLMENT_INVALID
 */
export async function lookAtInvitation(ctx: AdminContext, code: string): Promise<InvitationDetails> {
  const found = await mapUnavailable(() => openInvitation(ctx, ctx.runtime.db.pool, code))
  if (!found) throw invalidLink()
  const { workspaceName, role, email, name, personId } = found
  return { workspaceName, role, email, name, accountExists: personId !== null }
}

/** One refusal for every code that cannot be used: it says nothing about others. */
export const invalidLink = (): ServiceError =>
  new ServiceError('ENROLLMENT_INVALID', 'This link is not valid any more; ask for a new one.')
