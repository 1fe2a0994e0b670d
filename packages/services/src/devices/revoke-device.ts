import type { DeviceId, WorkspaceId } from '@fieldsync/contracts'

import { mapUnavailable } from '../core/verb.ts'
import { type AdminContext, asSystem, requireWorkspace } from '../write/admin-context.ts'
import { withdrawDevice } from './revoke.ts'

/** {@link withdrawDevice} for the operator, who may do so in any workspace. @throws ServiceError NOT_FOUND */
export async function revokeDevice(args: {
  ctx: AdminContext
  input: { workspaceId: WorkspaceId; deviceId: DeviceId }
}): Promise<{ revokedAt: Date; alreadyRevoked: boolean }> {
  const { ctx, input } = args
  const { workspaceId, deviceId } = input
  await mapUnavailable(() => requireWorkspace(ctx.db, workspaceId))
  const { document } = await withdrawDevice({ ctx: asSystem(ctx, workspaceId), input: { deviceId } })
  const { revokedAt, alreadyRevoked } = document.toJSON()
  return { revokedAt: new Date(revokedAt), alreadyRevoked }
}
