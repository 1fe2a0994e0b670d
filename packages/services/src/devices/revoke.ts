import type { DeviceId, RevokedDevice } from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import type { Replayable } from '../core/json-text.ts'
import { notFound, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'
import { endEnrollments } from './device-key.ts'
import { lockDevice } from './stored-device.ts'

/**
 * Revokes a device: its next request is refused, and a write under way is refused at its commit. Revoking again
 * changes nothing (OPS-24).
 *
 * @throws ServiceError NOT_FOUND; IDEMPOTENCY_CONFLICT
 */
export const revokeDevice = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    input: { deviceId: DeviceId }
  }): Promise<Replayable<RevokedDevice> | ServiceError> => {
    const { ctx, input } = call
    const { deviceId } = input
    const at = ctx.clock.now()
    const answerText = (revokedAt: Date, alreadyRevoked: boolean): string =>
      JSON.stringify({ deviceId, revokedAt: revokedAt.toISOString(), alreadyRevoked })
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'devices.revoke',
        action: 'device.revoke',
        target: { type: 'device', id: deviceId },
        input: { deviceId },
        at,
      },
      async (connection) => {
        const { workspaceId } = ctx.actor
        const device = await lockDevice(connection, workspaceId, deviceId)
        if (!device) return { refusal: notFound('device', deviceId) }
        if (device.revokedAt) return { asItIs: answerText(device.revokedAt, true) }
        return {
          answer: answerText(at, false),
          // An admin may revoke its own device: its rights are looked at before they end.
          afterwards: async () => {
            await connection.query(
              `UPDATE devices SET revoked_at = $3, epoch = epoch + 1, token_epoch = epoch + 1
                WHERE workspace_id = $1 AND device_id = $2`,
              [workspaceId, deviceId, at],
            )
            await endEnrollments(connection, { workspaceId, deviceId, at })
            await refuseWritesFor(connection, workspaceId, deviceId)
          },
        }
      },
    )
    return answerOf(result)
  },
)

/** A write that a service has under way for this device is refused at its commit; its grant stays, for a readmission. */
async function refuseWritesFor(connection: Queryable, workspaceId: string, deviceId: string): Promise<void> {
  await connection.query(
    `UPDATE devices AS s SET epoch = s.epoch + 1 FROM service_grants g
      WHERE g.workspace_id = $1 AND g.device_id = $2 AND s.workspace_id = g.workspace_id AND s.device_id = g.service_id`,
    [workspaceId, deviceId],
  )
}
