import type { WipedDevice, WipeDeviceInput } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import type { Replayable } from '../core/json-text.ts'
import { notFound, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'
import { endEnrollments } from './device-key.ts'
import { lockDevice } from './stored-device.ts'

/**
 * Lets a device delete everything that it has stored: it is revoked, and each of its requests is refused with the reason
 * `wipe`, by the key or token that it has now, until it has acknowledged that (WIP-1). A device that was revoked before may be
 * wiped too. Wiping again changes nothing (OPS-47).
 *
 * @throws ServiceError NOT_FOUND; IDEMPOTENCY_CONFLICT
 */
export const wipeDevice = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    input: WipeDeviceInput
  }): Promise<Replayable<WipedDevice> | ServiceError> => {
    const { ctx, input } = call
    const { deviceId } = input
    const { workspaceId } = ctx.actor
    const at = ctx.clock.now()
    const answerText = (requestedAt: Date, alreadyRequested: boolean): string =>
      JSON.stringify({ deviceId, requestedAt: requestedAt.toISOString(), alreadyRequested })
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'devices.wipe',
        action: 'device.wipe',
        target: { type: 'device', id: deviceId },
        input: { deviceId },
        at,
      },
      async (connection) => {
        const device = await lockDevice(connection, workspaceId, deviceId)
        if (!device) return { refusal: notFound('device', deviceId) }
        if (device.wipeRequestedAt) return { asItIs: answerText(device.wipeRequestedAt, true) }
        return {
          answer: answerText(at, false),
          // An admin may wipe its own device: its rights are looked at before they end.
          afterwards: async () => {
            await connection.query(
              `UPDATE devices SET wipe_requested_at = $3, revoked_at = coalesce(revoked_at, $3),
                  epoch = epoch + 1, token_epoch = epoch + 1
                WHERE workspace_id = $1 AND device_id = $2`,
              [workspaceId, deviceId, at],
            )
            await endEnrollments(connection, { workspaceId, deviceId, at })
          },
        }
      },
    )
    return answerOf(result)
  },
)
