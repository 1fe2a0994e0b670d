import type { RevokedGrant, RevokeGrantInput } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import type { Replayable } from '../core/json-text.ts'
import { notFound, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'
import { mayNotChangeGrantsOf } from './create.ts'
import { auditedGrant, findGrant, grantRecord, holderChanged } from './stored-grant.ts'

/**
 * Ends a grant: from its holder's next request on it is worth nothing, and a write under way is refused at its commit. Admins end
 * any, others their own. Ending it again changes nothing (GRA-13).
 *
 * @throws ServiceError NOT_FOUND for one that the caller does not see; FORBIDDEN, reason `scope`; IDEMPOTENCY_CONFLICT
 */
export const revokeGrant = verb(
  'playbooks.patch',
  async (call: {
    ctx: ServiceContext
    input: RevokeGrantInput
  }): Promise<Replayable<RevokedGrant> | ServiceError> => {
    const { ctx, input } = call
    const { grantId } = input
    const { workspaceId, deviceId, kind } = ctx.actor
    const at = ctx.clock.now()
    const answer = (revokedAt: Date, alreadyRevoked: boolean): string =>
      JSON.stringify({ grantId, revokedAt: revokedAt.toISOString(), alreadyRevoked })
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'grants.revoke',
        action: 'grant.revoke',
        target: { type: 'grant', id: grantId },
        input,
        at,
      },
      async (connection) => {
        const found = await findGrant(connection, workspaceId, grantId)
        if (!found) return { refusal: notFound('grant', grantId) }
        const refused = mayNotChangeGrantsOf(ctx, found.deviceId)
        // Who may not see it does not learn that it is there.
        if (refused)
          return { refusal: refused.details?.['reason'] === 'role' ? notFound('grant', grantId) : refused }
        if (found.revokedAt) return { asItIs: answer(found.revokedAt, true) }
        const revokedBy = kind === 'system' ? null : deviceId
        await connection.query(
          'UPDATE playbook_grants SET revoked_at = $3, revoked_by = $4 WHERE workspace_id = $1 AND grant_id = $2',
          [workspaceId, grantId, at, revokedBy],
        )
        const [before, after] = [found, { ...found, revokedAt: at, revokedBy }].map((each) =>
          auditedGrant(grantRecord(each)),
        )
        return {
          answer: answer(at, false),
          target: { type: 'device', id: found.deviceId },
          changes: [
            {
              type: 'grant',
              id: grantId,
              kind: 'update',
              before: before ?? null,
              after: after ?? null,
              paths: ['/revokedAt', '/revokedBy'],
            },
          ],
          afterwards: () => holderChanged(connection, workspaceId, found.deviceId),
        }
      },
    )
    return answerOf(result)
  },
)
