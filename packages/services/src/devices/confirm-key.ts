import type { ConfirmedKey, ConfirmKeyInput } from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import type { Replayable } from '../core/json-text.ts'
import { notFound, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'
import { type DeviceAt, endKeys } from './device-key.ts'
import { lockDevice } from './stored-device.ts'

/**
 * Accepts the key that a device has enrolled with, named by its fingerprint as an admin has compared it: from then on the
 * device gets access tokens, and its earlier key ends (ENR-7). Confirming again changes nothing (ENR-5).
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
        return {
          answer: answer(at),
          // An admin may confirm its own new key: its rights are looked at before the earlier one ends.
          afterwards: () => confirm(connection, { workspaceId, deviceId, at }, keyFingerprint),
        }
      },
    )
    return answerOf(result)
  },
)

async function confirm(connection: Queryable, device: DeviceAt, keyFingerprint: string): Promise<void> {
  const { workspaceId, deviceId, at } = device
  const ended = await endKeys(connection, device, { but: keyFingerprint })
  await connection.query(
    'UPDATE device_keys SET confirmed_at = $4 WHERE workspace_id = $1 AND device_id = $2 AND thumbprint = $3',
    [workspaceId, deviceId, keyFingerprint, at],
  )
  if (ended === 0) return
  await connection.query(
    'UPDATE devices SET epoch = epoch + 1, token_epoch = epoch + 1 WHERE workspace_id = $1 AND device_id = $2',
    [workspaceId, deviceId],
  )
}
