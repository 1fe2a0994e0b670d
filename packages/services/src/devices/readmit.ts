import type { ReadmitDeviceInput, ReadmittedDevice } from '@fieldsync/contracts'

import { endTokens, hashToken, mintToken, storeToken } from '../access/device-token.ts'
import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Replayable } from '../core/json-text.ts'
import { notFound, ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { endKeys } from './device-key.ts'
import { isToBeWiped, lockDevice, NOT_REVOKED, wipeCalledOff } from './stored-device.ts'

/**
 * Accepts a revoked device again under its own id, with its records and with a new token, which is in this answer only. The
 * tokens it had before stay ended, and so does a key (OPS-36). A wipe that it has not acknowledged is called off, only with
 * `cancelWipe` (WIP-6).
 *
 * @throws ServiceError NOT_FOUND; CONFLICT for a device that is not revoked, is to be wiped, or a token that is known already; IDEMPOTENCY_CONFLICT
 */
export const readmitDevice = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    /** `token`: minted if not given. */
    input: ReadmitDeviceInput & { token?: string | undefined }
  }): Promise<Replayable<ReadmittedDevice> | ServiceError> => {
    const { ctx, input } = call
    const { deviceId, role: wanted, cancelWipe = false, token = mintToken() } = input
    const { workspaceId } = ctx.actor
    const at = ctx.clock.now()
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'devices.readmit',
        action: 'device.readmit',
        target: { type: 'device', id: deviceId },
        input: {
          deviceId,
          ...(wanted === undefined ? {} : { role: wanted }),
          ...(cancelWipe ? { cancelWipe } : {}),
        },
        at,
      },
      async (connection) => {
        const device = await lockDevice(connection, workspaceId, deviceId)
        if (!device) return { refusal: notFound('device', deviceId) }
        if (device.revokedAt === null) return notRevoked(deviceId)
        if (device.isToBeWiped && !cancelWipe) return isToBeWiped(deviceId)
        const role = wanted ?? device.role
        const hash = hashToken(ctx.runtime.pepper, token)
        await endTokens(connection, { workspaceId, deviceId, at }, 'all')
        await endKeys(connection, { workspaceId, deviceId, at })
        const refusal = await storeToken(connection, {
          hash,
          workspaceId,
          deviceId,
          at,
          replacesOthers: false,
        })
        if (refusal) return { refusal }
        await connection.query(
          `UPDATE devices SET role = $3, epoch = epoch + 1, token_epoch = epoch + 1, ${NOT_REVOKED}
            WHERE workspace_id = $1 AND device_id = $2`,
          [workspaceId, deviceId, role],
        )
        return {
          answer: JSON.stringify({ deviceId, role, readmittedAt: at.toISOString(), token: null }),
          changes: device.isToBeWiped ? [wipeCalledOff(deviceId)] : [],
        }
      },
    )
    if ('refusal' in result) return result.refusal
    const { response, replayed } = result
    const answer = JSON.parse(response) as ReadmittedDevice
    return { document: new JsonText(replayed ? response : JSON.stringify({ ...answer, token })), replayed }
  },
)

const notRevoked = (deviceId: string): { refusal: ServiceError } => ({
  refusal: new ServiceError('CONFLICT', `The device ${deviceId} is not revoked; reissue its token instead.`),
})
