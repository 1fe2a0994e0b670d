import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import {
  type AdminContext,
  createDevice,
  createWorkspace,
  listDevices,
  listWorkspaces,
  mintToken,
  systemContext,
} from '@fieldsync/services'

export const DEMO_WORKSPACE = WorkspaceId.parse('ws_demo')
const DEMO_DEVICE = DeviceId.parse('dev_demo_1')

/**
 * Creates a workspace and a device to try the server with, if there is nothing else yet (RUN-7). A start that was
 * interrupted between the two is completed.
 * @returns the device with its token, or undefined if something existed already.
 */
export async function makeDemo(ctx: AdminContext): Promise<{ deviceId: string; token: string } | undefined> {
  const [first, ...others] = await listWorkspaces({ ctx })
  if (first === undefined) {
    await createWorkspace({ ctx, input: { workspaceId: DEMO_WORKSPACE, name: 'Demo vineyard' } })
  } else if (first.workspaceId !== DEMO_WORKSPACE || first.devices > 0 || others.length > 0) {
    return undefined
  }
  const system = await systemContext(ctx, DEMO_WORKSPACE)
  const known = await listDevices({ ctx: system, input: { limit: 1 } })
  // Revoked: the workspace is in use.
  if (known.items.toJSON().length > 0) return undefined
  const token = mintToken()
  await createDevice({ ctx: system, input: { deviceId: DEMO_DEVICE, role: 'agronomist', token } })
  return { deviceId: DEMO_DEVICE, token }
}
