import type { RotatedService, RotateServiceInput } from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'

import { endTokens } from '../access/device-token.ts'
import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Replayable } from '../core/json-text.ts'
import { notFound, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { lockService, newCredential, serviceRevoked, storeCredential } from './stored-service.ts'

/**
 * Gives a service a new key or secret; a secret is in this answer only. The earlier one, and its access tokens, end at the
 * first use of the new one, or at once. A new one that was never used ends with the next (SVC-5).
 *
 * @throws ServiceError NOT_FOUND; CONFLICT for a revoked service, or a key that it has or had; VALIDATION_ERROR;
 * IDEMPOTENCY_CONFLICT
 */
export const rotateService = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    input: RotateServiceInput
  }): Promise<Replayable<RotatedService> | ServiceError> => {
    const { ctx, input } = call
    const { serviceId, publicKeyJwk, endPrevious = 'at_first_use' } = input
    const { workspaceId } = ctx.actor
    const at = ctx.clock.now()
    const replacesOthers = endPrevious === 'at_first_use'
    const credential = await newCredential(publicKeyJwk)
    const { keyFingerprint, clientSecret } = credential
    const rotated: RotatedService = {
      serviceId,
      rotatedAt: at.toISOString(),
      previous: replacesOthers ? 'until_first_use' : 'ended',
      keyFingerprint,
      clientSecret: null,
    }
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'services.rotate',
        action: 'service.rotate',
        target: { type: 'service', id: serviceId },
        input: { serviceId, keyFingerprint, endPrevious },
        at,
      },
      async (connection) => {
        const service = await lockService(connection, workspaceId, serviceId)
        if (!service) return { refusal: notFound('service', serviceId) }
        if (service.revokedAt) return serviceRevoked(serviceId)
        const which = replacesOthers ? 'unused' : 'all'
        await endTokens(connection, { workspaceId, deviceId: serviceId, at }, which)
        await endKeys(connection, which)
        const named = { workspaceId, serviceId, at, replacesOthers }
        const refusal = await storeCredential(connection, ctx.runtime, named, credential)
        if (refusal) return { refusal }
        if (!replacesOthers) {
          await connection.query(
            `UPDATE devices SET epoch = epoch + 1, token_epoch = epoch + 1
              WHERE workspace_id = $1 AND device_id = $2`,
            [workspaceId, serviceId],
          )
        }
        return { answer: JSON.stringify(rotated) }
      },
    )
    if ('refusal' in result) return result.refusal
    const { response, replayed } = result
    const text = replayed ? response : JSON.stringify({ ...rotated, clientSecret })
    return { document: new JsonText(text), replayed }

    async function endKeys(connection: Queryable, which: 'unused' | 'all'): Promise<void> {
      await connection.query(
        `UPDATE device_keys SET ended_at = $3
          WHERE workspace_id = $1 AND device_id = $2 AND ended_at IS NULL AND ($4 OR replaces_others)`,
        [workspaceId, serviceId, at, which === 'all'],
      )
    }
  },
)
