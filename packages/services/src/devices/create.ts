import type { CreatedDevice, DeviceId } from '@fieldsync/contracts'
import type { Role } from '@fieldsync/domain'

import { hashToken, mintToken } from '../access/device-token.ts'
import { JsonText, type Replayable } from '../core/json-text.ts'
import { ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import type { IssuingContext } from '../write/admin-context.ts'
import { administrativeWrite } from '../write/administrative-write.ts'

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
 * @throws ServiceError CONFLICT if the device exists or the token is taken; IDEMPOTENCY_CONFLICT
 */
export const createDevice = verb(
  'admin',
  async ({ ctx, input }: { ctx: IssuingContext; input: Input }): Promise<Replayable<CreatedDevice>> => {
    const { workspaceId } = ctx.actor
    const { deviceId, role, token = mintToken() } = input
    const at = ctx.clock.now()
    const made = { deviceId, role, createdAt: at.toISOString() }
    const { response, replayed } = await administrativeWrite(
      ctx,
      {
        operation: 'devices.create',
        action: 'device.create',
        target: { type: 'device', id: deviceId },
        input: { deviceId, role },
        at,
      },
      async (connection) => {
        const added = await connection.query(
          `INSERT INTO devices (workspace_id, device_id, role, epoch, created_at) VALUES ($1, $2, $3, 1, $4) ON CONFLICT DO NOTHING`,
          [workspaceId, deviceId, role, at],
        )
        if (added.rowCount === 0) {
          throw new ServiceError(
            'CONFLICT',
            `The device ${deviceId} exists already in workspace ${workspaceId}.`,
          )
        }
        const given = await connection.query(
          `INSERT INTO device_tokens (token_hash, workspace_id, device_id, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
          [hashToken(ctx.pepper, token), workspaceId, deviceId, at],
        )
        if (given.rowCount === 0) throw new ServiceError('CONFLICT', 'This token belongs to another device.')
        return { answer: JSON.stringify({ ...made, token: null }) }
      },
    )
    return { document: new JsonText(replayed ? response : JSON.stringify({ ...made, token })), replayed }
  },
)
