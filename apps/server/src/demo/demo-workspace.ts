import { DeviceId, type DeviceRecord, invitationLink, MAX_PAGE_SIZE, WorkspaceId } from '@fieldsync/contracts'
import {
  type AdminContext,
  allItems,
  createDevice,
  createWorkspace,
  listDevices,
  listPeople,
  listWorkspaces,
  mintToken,
  openFirstPerson,
  systemContext,
} from '@fieldsync/services'

export const DEMO_WORKSPACE = WorkspaceId.parse('ws_demo')
/** How the demo workspace is created: with the weather to try things with, since nothing of a demo is looked up elsewhere. */
export const NEW_DEMO = { workspaceId: DEMO_WORKSPACE, name: 'Demo vineyard', weather: 'demo' } as const
const DEMO_DEVICE = DeviceId.parse('dev_demo_1')

/**
 * Creates a workspace and a device to try the server with, if there is nothing else yet (RUN-7). A start that was
 * interrupted between the two is completed.
 * @returns the device with its token, or undefined if something existed already.
 */
export async function makeDemo(ctx: AdminContext): Promise<{ deviceId: string; token: string } | undefined> {
  const [first, ...others] = await listWorkspaces({ ctx })
  if (first === undefined) {
    await createWorkspace({ ctx, input: NEW_DEMO })
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
 * Whether nobody administers the demo workspace yet: no person, and no device with a key (RUN-25).
 * @returns false also where there is no such workspace
 */
export async function needsFirstPerson(ctx: AdminContext): Promise<boolean> {
  const workspaces = await listWorkspaces({ ctx })
  if (!workspaces.some(({ workspaceId }) => workspaceId === DEMO_WORKSPACE)) return false
  const devices = await demoDevices(ctx)
  if (devices.some(({ role, key, revokedAt }) => role === 'admin' && key && revokedAt === null)) return false
  const system = await systemContext(ctx, DEMO_WORKSPACE)
  const people = await allItems((page) =>
    listPeople({ ctx: system, input: { limit: MAX_PAGE_SIZE, ...page } }),
  )
  return !people.some(({ role, endedAt }) => role === 'admin' && endedAt === null)
}

/** How long the link of a start is valid, in seconds. */
export const FIRST_LINK_SECONDS = 600

/**
 * Lets the first person in; a code of an earlier start that was not used ends.
 * @param address at which the browser reaches the server
 * @returns the link by which they choose name, address and password, once
 */
export async function firstPersonLink(ctx: AdminContext, address: string): Promise<string> {
  return invitationLink(address, await openFirstPerson(ctx, DEMO_WORKSPACE, FIRST_LINK_SECONDS))
}
