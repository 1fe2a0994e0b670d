import type { RevokedService, RevokeServiceInput } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import type { Replayable } from '../core/json-text.ts'
import { notFound, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'
import { lockService } from './stored-service.ts'

/**
 * Revokes a service for good: its next request is refused, and a write under way is refused at its commit. Revoking again
 * changes nothing (SVC-7).
 *
 * @throws ServiceError NOT_FOUND; IDEMPOTENCY_CONFLICT
 */
export const revokeService = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    input: RevokeServiceInput
  }): Promise<Replayable<RevokedService> | ServiceError> => {
    const { ctx, input } = call
    const { serviceId } = input
    const { workspaceId } = ctx.actor
    const at = ctx.clock.now()
    const answer = (revokedAt: Date, alreadyRevoked: boolean): string =>
      JSON.stringify({ serviceId, revokedAt: revokedAt.toISOString(), alreadyRevoked })
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'services.revoke',
        action: 'service.revoke',
        target: { type: 'service', id: serviceId },
        input,
        at,
      },
      async (connection) => {
        const service = await lockService(connection, workspaceId, serviceId)
        if (!service) return { refusal: notFound('service', serviceId) }
        if (service.revokedAt) return { asItIs: answer(service.revokedAt, true) }
        await connection.query(
          `UPDATE devices SET revoked_at = $3, epoch = epoch + 1, token_epoch = epoch + 1
            WHERE workspace_id = $1 AND device_id = $2`,
          [workspaceId, serviceId, at],
        )
        return { answer: answer(at, false) }
      },
    )
    return answerOf(result)
  },
)
