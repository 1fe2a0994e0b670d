import type { CreatedDevice, DeviceId } from '@fieldsync/contracts'
import type { Role } from '@fieldsync/domain'

import { mintToken, storeToken } from '../access/device-token.ts'
import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Replayable } from '../core/json-text.ts'
import type { ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { alreadyExists, reservedId } from './stored-device.ts'

type Input = {
  deviceId: DeviceId
  role: Role
  /** Minted if not given. */
  token?: string | undefined
}

/**
 * Creates a device that may call, with its first token. The plain token is in this answer only: what is stored for a
 * replay has null in its place (OPS-23).
 *
 * @throws ServiceError VALIDATION_ERROR for a reserved id; CONFLICT if the device exists or the token is taken; IDEMPOTENCY_CONFLICT
 */
export const createDevice = verb('admin', (call: { ctx: ServiceContext; input: Input }) => addDevice(call))

/** {@link createDevice} without its check, and with its refusals as values. */
export async function addDevice({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: Input
}): Promise<Replayable<CreatedDevice> | ServiceError> {
  const { workspaceId } = ctx.actor
  const { deviceId, role, token = mintToken() } = input
  const at = ctx.clock.now()
  const made = { deviceId, role, createdAt: at.toISOString() }
  const result = await administrativeWrite(
    ctx,
    {
      operation: 'devices.create',
      action: 'device.create',
      target: { type: 'device', id: deviceId },
      input: { deviceId, role },
      at,
    },
    async (connection) => {
      const reserved = reservedId(deviceId)
      if (reserved) return { refusal: reserved }
      const added = await connection.query(
        `INSERT INTO devices (workspace_id, device_id, role, epoch, created_at) VALUES ($1, $2, $3, 1, $4) ON CONFLICT DO NOTHING`,
        [workspaceId, deviceId, role, at],
      )
      if (added.rowCount === 0) {
        return { refusal: alreadyExists(workspaceId, deviceId) }
      }
      const refusal = await storeToken(connection, ctx.runtime.peppers, {
        token,
        workspaceId,
        deviceId,
        at,
        replacesOthers: false,
      })
      return refusal ? { refusal } : { answer: JSON.stringify({ ...made, token: null }) }
    },
  )
  if ('refusal' in result) return result.refusal
  const { response, replayed } = result
  return { document: new JsonText(replayed ? response : JSON.stringify({ ...made, token })), replayed }
}
