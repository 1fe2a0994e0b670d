import { consoleLink, DeviceId, type DeviceRecord, MAX_PAGE_SIZE, WorkspaceId } from '@fieldsync/contracts'
import {
  type AdminContext,
  allItems,
  createDevice,
  createWorkspace,
  listDevices,
  listWorkspaces,
  mintToken,
  openEnrollment,
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
  // Revoked: the workspace is in use.
  if ((await demoDevices(ctx)).length > 0) return undefined
  const token = mintToken()
  const system = await systemContext(ctx, DEMO_WORKSPACE)
  await createDevice({ ctx: system, input: { deviceId: DEMO_DEVICE, role: 'agronomist', token } })
  return { deviceId: DEMO_DEVICE, token }
}

/** All devices of the demo workspace, revoked ones too. */
export async function demoDevices(ctx: AdminContext): Promise<DeviceRecord[]> {
  const system = await systemContext(ctx, DEMO_WORKSPACE)
  return await allItems((page) => listDevices({ ctx: system, input: { limit: MAX_PAGE_SIZE, ...page } }))
}

/**
 * The device that the first browser of an administrator becomes in the demo workspace (RUN-25).
 * @returns undefined where there is no such workspace, or an admin of it has a key
 */
export async function firstAdmin(ctx: AdminContext): Promise<DeviceId | undefined> {
  const workspaces = await listWorkspaces({ ctx })
  if (!workspaces.some(({ workspaceId }) => workspaceId === DEMO_WORKSPACE)) return undefined
  const devices = await demoDevices(ctx)
  if (devices.some(({ role, key, revokedAt }) => role === 'admin' && key && revokedAt === null))
    return undefined
  const taken = new Set<string>(devices.map(({ deviceId }) => deviceId))
  for (let number = 1; ; number++) {
    const deviceId = DeviceId.parse(`dev_console_${number}`)
    if (!taken.has(deviceId)) return deviceId
  }
}

/**
 * Opens an enrollment for that device; a code of an earlier start that was not used ends.
 * @param address at which the browser reaches the server
 * @returns the link that signs a browser in to the console as that device, once
 */
export async function openFirstAdmin(
  ctx: AdminContext,
  deviceId: DeviceId,
  address: string,
): Promise<string> {
  const { document } = await openEnrollment({
    ctx: await systemContext(ctx, DEMO_WORKSPACE),
    input: { deviceId, role: 'admin', linkTo: (code) => consoleLink(address, code) },
  })
  return document.toJSON().link ?? ''
}
