import type { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { inTransaction, lockWorkspace } from '@fieldsync/db'

import { notFound } from '../verb/service-error.ts'
import { tellingUnavailable } from '../verb/verb.ts'
import { type AdminContext, commitAsSystem, requireWorkspace } from './admin-context.ts'

/**
 * Revokes a device: its next request is refused, and a write under way is refused at its commit. Revoking again
 * changes nothing.
 *
 * @throws ServiceError NOT_FOUND
 */
export async function revokeDevice(args: {
  ctx: AdminContext
  input: { workspaceId: WorkspaceId; deviceId: DeviceId }
}): Promise<{ revokedAt: Date; alreadyRevoked: boolean }> {
  const { ctx, input } = args
  const { workspaceId, deviceId } = input
  return await tellingUnavailable(async () => {
    await requireWorkspace(ctx.db, workspaceId)
    const now = ctx.clock.now()
    return await inTransaction(ctx.db, async (connection) => {
      await lockWorkspace(connection, workspaceId)
      const { rows } = await connection.query<{ revokedAt: Date | null }>(
        'SELECT revoked_at AS "revokedAt" FROM devices WHERE workspace_id = $1 AND device_id = $2 FOR UPDATE',
        [workspaceId, deviceId],
      )
      const [device] = rows
      if (!device) throw notFound('device', deviceId)
      if (device.revokedAt) return { revokedAt: device.revokedAt, alreadyRevoked: true }
      await connection.query(
        'UPDATE devices SET revoked_at = $3, epoch = epoch + 1 WHERE workspace_id = $1 AND device_id = $2',
        [workspaceId, deviceId, now],
      )
      await commitAsSystem(connection, ctx, workspaceId, {
        action: 'device.revoke',
        at: now,
        target: { type: 'device', id: deviceId },
        changes: [],
      })
      return { revokedAt: now, alreadyRevoked: false }
    })
  })
}
