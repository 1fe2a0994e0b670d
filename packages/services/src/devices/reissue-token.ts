import type { ReissuedToken, ReissueTokenInput } from '@fieldsync/contracts'

import { endTokens, hashToken, mintToken, storeToken } from '../access/device-token.ts'
import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Replayable } from '../core/json-text.ts'
import { notFound, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { isRevoked, lockDevice } from './stored-device.ts'

/**
 * Gives a device a new token, which is in this answer only. The earlier ones end at its first use, so that a device in the
 * field goes on until the new one has reached it, or at once, where they may be known to others. A new token that was never
 * used ends with the next one (OPS-35).
 *
 * @throws ServiceError NOT_FOUND; CONFLICT for a revoked device, or a token that is known already; IDEMPOTENCY_CONFLICT
 */
export const reissueToken = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    /** `token`: minted if not given. */
    input: ReissueTokenInput & { token?: string | undefined }
  }): Promise<Replayable<ReissuedToken> | ServiceError> => {
    const { ctx, input } = call
    const { deviceId, endPrevious = 'at_first_use', token = mintToken() } = input
    const { workspaceId } = ctx.actor
    const at = ctx.clock.now()
    const previousTokens = endPrevious === 'now' ? 'ended' : 'until_first_use'
    const made = { deviceId, issuedAt: at.toISOString(), previousTokens }
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'devices.reissueToken',
        action: 'device.reissue_token',
        target: { type: 'device', id: deviceId },
        input: { deviceId, endPrevious },
        at,
      },
      async (connection) => {
        const device = await lockDevice(connection, workspaceId, deviceId)
        if (!device) return { refusal: notFound('device', deviceId) }
        if (device.revokedAt) return isRevoked(deviceId)
        const { pepper, peppers } = ctx.runtime
        await endTokens(connection, { workspaceId, deviceId, at }, 'unused')
        const replacesOthers = endPrevious === 'at_first_use'
        const refusal = await storeToken(connection, peppers, {
          token,
          workspaceId,
          deviceId,
          at,
          replacesOthers,
        })
        if (refusal) return { refusal }
        return {
          answer: JSON.stringify({ ...made, token: null }),
          // An admin may reissue its own token: its rights are looked at before the one it called with ends.
          afterwards: async () => {
            if (!replacesOthers)
              await endTokens(connection, { workspaceId, deviceId, at }, { but: hashToken(pepper, token) })
            await connection.query(
              'UPDATE devices SET epoch = epoch + 1 WHERE workspace_id = $1 AND device_id = $2',
              [workspaceId, deviceId],
            )
          },
        }
      },
    )
    if ('refusal' in result) return result.refusal
    const { response, replayed } = result
    return { document: new JsonText(replayed ? response : JSON.stringify({ ...made, token })), replayed }
  },
)
