import type { WithdrawInvitationInput, WithdrawnInvitation } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import type { Replayable } from '../core/json-text.ts'
import { notFound, peopleConflict, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'

type Row = { acceptedAt: Date | null; withdrawnAt: Date | null }

/**
 * Ends an invitation that was not accepted; one that has ended stays as it is (PEO-6).
 *
 * @throws ServiceError NOT_FOUND; CONFLICT for one that was accepted; IDEMPOTENCY_CONFLICT
 */
export const withdrawInvitation = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    input: WithdrawInvitationInput
  }): Promise<Replayable<WithdrawnInvitation> | ServiceError> => {
    const { ctx, input } = call
    const { invitationId } = input
    const at = ctx.clock.now()
    const answer = (withdrawnAt: Date, alreadyWithdrawn: boolean): string =>
      JSON.stringify({ invitationId, withdrawnAt: withdrawnAt.toISOString(), alreadyWithdrawn })
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'people.withdrawInvitation',
        action: 'person.withdraw_invitation',
        target: { type: 'invitation', id: invitationId },
        input: { invitationId },
        at,
      },
      async (connection) => {
        const { rows } = await connection.query<Row>(
          `SELECT accepted_at AS "acceptedAt", withdrawn_at AS "withdrawnAt" FROM invitations
            WHERE workspace_id = $1 AND invitation_id = $2 FOR UPDATE`,
          [ctx.actor.workspaceId, invitationId],
        )
        const [found] = rows
        if (!found) return { refusal: notFound('invitation', invitationId) }
        if (found.acceptedAt)
          return {
            refusal: peopleConflict('accepted', 'This invitation was accepted; end the access instead.'),
          }
        if (found.withdrawnAt) return { asItIs: answer(found.withdrawnAt, true) }
        await connection.query('UPDATE invitations SET withdrawn_at = $2 WHERE invitation_id = $1', [
          invitationId,
          at,
        ])
        return { answer: answer(at, false) }
      },
    )
    return answerOf(result)
  },
)
