import { INVITATION_SECONDS, type InvitedPerson, type InvitePersonInput } from '@fieldsync/contracts'

import { newInvitationId } from '../access/person-id.ts'
import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Replayable } from '../core/json-text.ts'
import { peopleConflict, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { mintEnrollmentCode } from '../devices/enrollment-code.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { hashLinkCode } from './one-time-code.ts'

/**
 * Invites a person to the workspace, by a one-time link that is in this answer only. An open invitation of the same address
 * ends (PEO-6).
 *
 * @throws ServiceError CONFLICT for somebody who has access already; IDEMPOTENCY_CONFLICT
 */
export const invitePerson = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    /** `linkTo`: gives the link that holds a code, as browsers reach this server. */
    input: InvitePersonInput & { linkTo: (code: string) => string }
  }): Promise<Replayable<InvitedPerson> | ServiceError> => {
    const { ctx, input } = call
    const { role, linkTo, validForSeconds = INVITATION_SECONDS.default } = input
    const [email, name] = [input.email.toLowerCase(), input.name ?? null]
    const { workspaceId, kind, deviceId } = ctx.actor
    const at = ctx.clock.now()
    const invitationId = newInvitationId()
    const expiresAt = new Date(at.getTime() + validForSeconds * 1000)
    const code = mintEnrollmentCode()
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'people.invite',
        action: 'person.invite',
        target: { type: 'invitation', id: invitationId },
        input: { email, name, role, validForSeconds },
        namesPerson: true,
        at,
      },
      async (connection) => {
        const { rowCount } = await connection.query(
          `SELECT FROM people p JOIN devices d ON d.person_id = p.id
            WHERE d.workspace_id = $1 AND d.revoked_at IS NULL AND p.email = $2`,
          [workspaceId, email],
        )
        if (rowCount !== 0)
          return {
            refusal: peopleConflict('has_access', 'This person has access to the workspace already.'),
          }
        await connection.query(
          `UPDATE invitations SET withdrawn_at = $3
            WHERE workspace_id = $1 AND email = $2 AND accepted_at IS NULL AND withdrawn_at IS NULL`,
          [workspaceId, email, at],
        )
        await connection.query(
          `INSERT INTO invitations
             (invitation_id, code_hash, workspace_id, email, name, role, created_at, expires_at, invited_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
          [
            invitationId,
            hashLinkCode(ctx.runtime.pepper, 'invitation', code),
            workspaceId,
            email,
            name,
            role,
            at,
            expiresAt,
            kind === 'system' ? null : deviceId,
          ],
        )
        const answer = { invitationId, email, name, role, expiresAt: expiresAt.toISOString(), link: null }
        const personal = [
          { kind: 'name', of: invitationId, value: name },
          { kind: 'email', of: invitationId, value: email },
        ] as const
        return { answer: JSON.stringify(answer), personal }
      },
    )
    if ('refusal' in result) return result.refusal
    const { response, replayed } = result
    const answer = JSON.parse(response) as InvitedPerson
    const text = replayed ? response : JSON.stringify({ ...answer, link: linkTo(code) })
    return { document: new JsonText(text), replayed }
  },
)
