import type { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { inTransaction, lockWorkspace } from '@fieldsync/db'
import type { Role } from '@fieldsync/domain'

import { hashToken, mintToken } from '../access/device-token.ts'
import { ServiceError } from '../verb/service-error.ts'
import { tellingUnavailable } from '../verb/verb.ts'
import { type AdminContext, commitAsSystem, requireWorkspace } from './admin-context.ts'

export type NewDevice = {
  workspaceId: WorkspaceId
  deviceId: DeviceId
  role: Role
  /** Minted if not given. */
  token?: string | undefined
}

/**
 * Makes a device that may call, with its first token. The plain token exists only in this answer.
 *
 * @throws ServiceError NOT_FOUND for the workspace, CONFLICT if the device exists or the token is taken
 */
export async function createDevice(args: {
  ctx: AdminContext
  input: NewDevice
}): Promise<{ workspaceId: WorkspaceId; deviceId: DeviceId; role: Role; token: string }> {
  const { ctx, input } = args
  const { workspaceId, deviceId, role, token = mintToken() } = input
  return await tellingUnavailable(async () => {
    await requireWorkspace(ctx.db, workspaceId)
    const now = ctx.clock.now()
    await inTransaction(ctx.db, async (connection) => {
      await lockWorkspace(connection, workspaceId)
      const made = await connection.query(
        `INSERT INTO devices (workspace_id, device_id, role, epoch, created_at) VALUES ($1, $2, $3, 1, $4) ON CONFLICT DO NOTHING`,
        [workspaceId, deviceId, role, now],
      )
      if (made.rowCount === 0) {
        throw new ServiceError(
          'CONFLICT',
          `The device ${deviceId} exists already in workspace ${workspaceId}.`,
        )
      }
      const given = await connection.query(
        `INSERT INTO device_tokens (token_hash, workspace_id, device_id, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
        [hashToken(ctx.pepper, token), workspaceId, deviceId, now],
      )
      if (given.rowCount === 0) throw new ServiceError('CONFLICT', 'This token belongs to another device.')
      await commitAsSystem(connection, ctx, workspaceId, {
        action: 'device.create',
        at: now,
        target: { type: 'device', id: deviceId },
        changes: [],
      })
    })
    return { workspaceId, deviceId, role, token }
  })
}
