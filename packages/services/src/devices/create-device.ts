import type { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import type { Role } from '@fieldsync/domain'

import { mintToken } from '../access/device-token.ts'
import { mapUnavailable } from '../core/verb.ts'
import { type AdminContext, asSystem, requireWorkspace } from '../write/admin-context.ts'
import { issueDevice } from './create.ts'

export type NewDevice = {
  workspaceId: WorkspaceId
  deviceId: DeviceId
  role: Role
  /** Minted if not given. */
  token?: string | undefined
}

/**
 * {@link issueDevice} for the operator, who may do so in any workspace. The plain token exists only in this answer.
 *
 * @throws ServiceError NOT_FOUND for the workspace, CONFLICT if the device exists or the token is taken
 */
export async function createDevice(args: {
  ctx: AdminContext
  input: NewDevice
}): Promise<{ workspaceId: WorkspaceId; deviceId: DeviceId; role: Role; token: string }> {
  const { ctx, input } = args
  const { workspaceId, deviceId, role, token = mintToken() } = input
  await mapUnavailable(() => requireWorkspace(ctx.db, workspaceId))
  await issueDevice({ ctx: asSystem(ctx, workspaceId), input: { deviceId, role, token } })
  return { workspaceId, deviceId, role, token }
}
