import type { GrantedService, GrantServiceInput } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import type { Replayable } from '../core/json-text.ts'
import { notFound, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'
import {
  auditedGrants,
  type Grants,
  grantsOf,
  lockService,
  serviceRevoked,
  storeGrants,
} from './stored-service.ts'

/**
 * Replaces the scopes of a service, the devices that it may create records for, or both. The devices act on its next request,
 * and a write under way is refused at its commit; with other scopes its access tokens end (SVC-6).
 *
 * @throws ServiceError NOT_FOUND for an unknown service or device; CONFLICT for a revoked service; IDEMPOTENCY_CONFLICT
 */
export const grantService = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    input: GrantServiceInput
  }): Promise<Replayable<GrantedService> | ServiceError> => {
    const { ctx, input } = call
    const { serviceId } = input
    const { workspaceId } = ctx.actor
    const at = ctx.clock.now()
    const answer = ({ scopes, deviceIds }: Grants, changed: boolean): string =>
      JSON.stringify({ serviceId, scopes, deviceIds, changed })
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'services.grant',
        action: 'service.grant',
        target: { type: 'service', id: serviceId },
        input,
        at,
      },
      async (connection) => {
        const service = await lockService(connection, workspaceId, serviceId)
        if (!service) return { refusal: notFound('service', serviceId) }
        if (service.revokedAt) return serviceRevoked(serviceId)
        const granted = grantsOf({
          scopes: input.scopes ?? service.scopes,
          deviceIds: input.deviceIds ?? service.deviceIds,
        })
        const isSame = (name: keyof Grants): boolean => isEqual(granted[name], service[name])
        const paths = (['scopes', 'deviceIds'] as const)
          .filter((name) => !isSame(name))
          .map((name) => `/${name}`)
        if (paths.length === 0) return { asItIs: answer(service, false) }
        const refusal = await storeGrants(connection, workspaceId, serviceId, granted.deviceIds)
        if (refusal) return { refusal }
        await connection.query(
          `UPDATE devices SET service_scope = $3, epoch = epoch + 1,
              token_epoch = CASE WHEN $4 THEN token_epoch ELSE epoch + 1 END
            WHERE workspace_id = $1 AND device_id = $2`,
          [workspaceId, serviceId, granted.scopes.join(' '), isSame('scopes')],
        )
        const [before, after] = [auditedGrants(service), auditedGrants(granted)]
        return {
          answer: answer(granted, true),
          changes: [{ type: 'service', id: serviceId, kind: 'update', before, after, paths }],
        }
      },
    )
    return answerOf(result)
  },
)

const isEqual = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((each, index) => each === other[index])
