import { clientIdOf, type CreatedService, type CreateServiceInput } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Replayable } from '../core/json-text.ts'
import type { ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { alreadyExists } from '../devices/stored-device.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { grantsOf, newCredential, storeCredential, storeGrants } from './stored-service.ts'

/**
 * Creates a service: an external caller with the key that it brings, or with a secret that is in this answer only, the scopes
 * that it may request, and the devices that it may create records for (SVC-1).
 *
 * @throws ServiceError CONFLICT if it exists; NOT_FOUND for an unknown device; VALIDATION_ERROR; IDEMPOTENCY_CONFLICT
 */
export const createService = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    input: CreateServiceInput
  }): Promise<Replayable<CreatedService> | ServiceError> => {
    const { ctx, input } = call
    const { serviceId, publicKeyJwk } = input
    const { scopes, deviceIds } = grantsOf({ scopes: input.scopes, deviceIds: input.deviceIds ?? [] })
    const { workspaceId } = ctx.actor
    const at = ctx.clock.now()
    const credential = await newCredential(publicKeyJwk)
    const { keyFingerprint, clientSecret } = credential
    const created: CreatedService = {
      serviceId,
      clientId: clientIdOf(workspaceId, serviceId),
      scopes: [...scopes],
      deviceIds: [...deviceIds],
      createdAt: at.toISOString(),
      keyFingerprint,
      clientSecret: null,
    }
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'services.create',
        action: 'service.create',
        target: { type: 'service', id: serviceId },
        input: { serviceId, scopes, deviceIds, keyFingerprint },
        at,
      },
      async (connection) => {
        const added = await connection.query(
          `INSERT INTO devices (workspace_id, device_id, role, epoch, created_at, service_scope)
             VALUES ($1, $2, 'service', 1, $3, $4) ON CONFLICT DO NOTHING`,
          [workspaceId, serviceId, at, scopes.join(' ')],
        )
        if (added.rowCount === 0) return { refusal: alreadyExists(workspaceId, serviceId) }
        const refusal =
          (await storeGrants(connection, workspaceId, serviceId, deviceIds)) ??
          (await storeCredential(
            connection,
            ctx.runtime,
            { workspaceId, serviceId, at, replacesOthers: false },
            credential,
          ))
        return refusal ? { refusal } : { answer: JSON.stringify(created) }
      },
    )
    if ('refusal' in result) return result.refusal
    const { response, replayed } = result
    const text = replayed ? response : JSON.stringify({ ...created, clientSecret })
    return { document: new JsonText(text), replayed }
  },
)
