import type { DeviceRoleChange, SetDeviceRoleInput } from '@fieldsync/contracts'
import { canonicalText, type Role } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { type Replayable, sha256 } from '../core/json-text.ts'
import { notFound, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'
import { isRevoked, lockDevice } from './stored-device.ts'

/**
 * Changes what a device may do. It takes effect on the device's next request, at every server, and a write under way is
 * decided by the new role (ACC-4). A role that the device has already is no change (OPS-34).
 *
 * @throws ServiceError NOT_FOUND; CONFLICT for a revoked device; IDEMPOTENCY_CONFLICT
 */
export const setDeviceRole = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    input: SetDeviceRoleInput
  }): Promise<Replayable<DeviceRoleChange> | ServiceError> => {
    const { ctx, input } = call
    const { deviceId, role } = input
    const at = ctx.clock.now()
    const answer = (previousRole: Role): string =>
      JSON.stringify({ deviceId, role, previousRole, changed: role !== previousRole })
    const auditedRole = (each: Role): string => sha256(canonicalText({ deviceId, role: each }))
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'devices.setRole',
        action: 'device.set_role',
        target: { type: 'device', id: deviceId },
        input: { deviceId, role },
        at,
      },
      async (connection) => {
        const device = await lockDevice(connection, ctx.actor.workspaceId, deviceId)
        if (!device) return { refusal: notFound('device', deviceId) }
        if (device.revokedAt) return isRevoked(deviceId)
        if (device.role === role) return { asItIs: answer(device.role) }
        return {
          answer: answer(device.role),
          changes: [
            {
              type: 'device',
              id: deviceId,
              kind: 'update',
              before: auditedRole(device.role),
              after: auditedRole(role),
              paths: ['/role'],
            },
          ],
          // An admin may change its own role: its rights are looked at before they change.
          afterwards: async () => {
            await connection.query(
              'UPDATE devices SET role = $3, epoch = epoch + 1 WHERE workspace_id = $1 AND device_id = $2',
              [ctx.actor.workspaceId, deviceId, role],
            )
          },
        }
      },
    )
    return answerOf(result)
  },
)
