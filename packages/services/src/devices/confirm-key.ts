import type { ConfirmedKey, ConfirmKeyInput } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import type { Replayable } from '../core/json-text.ts'
import { notFound, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'
import { lockDevice } from './stored-device.ts'

/**
 * Accepts the key that a device has enrolled with, named by its fingerprint as an admin has compared it: from then on the
 * device gets access tokens. Confirming again changes nothing (ENR-5).
 *
 * @throws ServiceError NOT_FOUND for an unknown device, or a key that is not its present one; IDEMPOTENCY_CONFLICT
 */
export const confirmKey = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    input: ConfirmKeyInput
  }): Promise<Replayable<ConfirmedKey> | ServiceError> => {
    const { ctx, input } = call
    const { deviceId, keyFingerprint } = input
    const { workspaceId } = ctx.actor
    const at = ctx.clock.now()
    const answer = (confirmedAt: Date): string =>
      JSON.stringify({ deviceId, keyFingerprint, confirmedAt: confirmedAt.toISOString() })
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'devices.confirmKey',
        action: 'device.confirm_key',
        target: { type: 'device', id: deviceId },
        input,
        at,
      },
      async (connection) => {
        if (!(await lockDevice(connection, workspaceId, deviceId)))
          return { refusal: notFound('device', deviceId) }
        const { rows } = await connection.query<{ confirmedAt: Date | null }>(
          `SELECT confirmed_at AS "confirmedAt" FROM device_keys
            WHERE workspace_id = $1 AND device_id = $2 AND thumbprint = $3 AND ended_at IS NULL`,
          [workspaceId, deviceId, keyFingerprint],
        )
        const [key] = rows
        if (!key) return { refusal: notFound('key', keyFingerprint) }
        if (key.confirmedAt) return { asItIs: answer(key.confirmedAt) }
        await connection.query(
          'UPDATE device_keys SET confirmed_at = $4 WHERE workspace_id = $1 AND device_id = $2 AND thumbprint = $3',
          [workspaceId, deviceId, keyFingerprint, at],
        )
        return { answer: answer(at) }
      },
    )
    return answerOf(result)
  },
)
