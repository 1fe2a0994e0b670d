import type { DeviceId, RevokedDevice } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Replayable } from '../core/json-text.ts'
import { notFound } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'

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
  }): Promise<Replayable<RevokedDevice>> => {
    const { ctx, input } = call
    const { deviceId } = input
    const at = ctx.clock.now()
    const answerText = (revokedAt: Date, alreadyRevoked: boolean): string =>
      JSON.stringify({ deviceId, revokedAt: revokedAt.toISOString(), alreadyRevoked })
    const { response, replayed } = await administrativeWrite(
      ctx,
      {
        operation: 'devices.revoke',
        action: 'device.revoke',
        target: { type: 'device', id: deviceId },
        input: { deviceId },
        at,
      },
      async (connection) => {
        const where = [ctx.actor.workspaceId, deviceId]
        const { rows } = await connection.query<{ revokedAt: Date | null }>(
          'SELECT revoked_at AS "revokedAt" FROM devices WHERE workspace_id = $1 AND device_id = $2 FOR UPDATE',
          where,
        )
        const [device] = rows
        if (!device) throw notFound('device', deviceId)
        if (device.revokedAt) return { asItIs: answerText(device.revokedAt, true) }
        return {
          answer: answerText(at, false),
          // An admin may revoke its own device: its rights are looked at before they end.
          afterwards: async () => {
            await connection.query(
              'UPDATE devices SET revoked_at = $3, epoch = epoch + 1 WHERE workspace_id = $1 AND device_id = $2',
              [...where, at],
            )
          },
        }
      },
    )
    return { document: new JsonText(response), replayed }
  },
)
