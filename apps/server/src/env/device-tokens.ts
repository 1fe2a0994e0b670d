import { DeviceId, DeviceRole, WorkspaceId } from '@fieldsync/contracts'
import { z } from 'zod'

/** One entry of `DEVICE_TOKENS`: a device with its pre-shared token. */
export type ConfiguredDevice = {
  readonly workspaceId: WorkspaceId
  readonly deviceId: DeviceId
  readonly role: DeviceRole
  readonly token: string
}

/** A shorter token can be guessed; it is accepted from the environment, with a warning. */
export const MIN_TOKEN_LENGTH = 16
const MAX_TOKEN_LENGTH = 512
const DEFAULT_ROLE = 'agronomist'

// What fits into a header unchanged: visible ASCII. The comma separates entries.
export const TOKEN_PATTERN = new RegExp(`^[\\x21-\\x2b\\x2d-\\x7e]{1,${MAX_TOKEN_LENGTH}}$`)

/**
 * Entries `workspaceId/deviceId[#role]=token`, separated by commas (RUN-4). The token runs from the first `=` to the next comma,
 * further `=` included. Messages name entries by position and device, never by token.
 */
export const deviceTokens = z.string().transform((text, context): ConfiguredDevice[] => {
  const devices: ConfiguredDevice[] = []
  const names = new Set<string>()
  const tokens = new Set<string>()
  for (const [index, entry] of entriesOf(text).entries()) {
    const device = readEntry(entry)
    if (typeof device === 'string') {
      context.addIssue({ code: 'custom', message: `entry ${index + 1}: ${device}` })
      continue
    }
    const name = `${device.workspaceId}/${device.deviceId}`
    if (names.has(name))
      context.addIssue({ code: 'custom', message: `entry ${index + 1}: ${name} is listed twice` })
    else if (tokens.has(device.token)) {
      context.addIssue({
        code: 'custom',
        message: `entry ${index + 1}: ${name} has the token of an earlier entry`,
      })
    }
    names.add(name)
    tokens.add(device.token)
    devices.push(device)
  }
  return devices
})

function entriesOf(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

function readEntry(entry: string): ConfiguredDevice | string {
  const equals = entry.indexOf('=')
  const slash = entry.indexOf('/')
  if (equals < 0 || slash < 0 || slash > equals) return 'must look like workspaceId/deviceId#role=token'
  const workspaceId = WorkspaceId.safeParse(entry.slice(0, slash))
  if (!workspaceId.success) return 'the workspace id before the slash must look like ws_demo'
  const [id = '', role = DEFAULT_ROLE, ...rest] = entry.slice(slash + 1, equals).split('#')
  const deviceId = DeviceId.safeParse(id)
  if (!deviceId.success) return `the device id in ${workspaceId.data} must look like dev_scout_1`
  const name = `${workspaceId.data}/${deviceId.data}`
  const knownRole = DeviceRole.safeParse(role)
  if (!knownRole.success || rest.length > 0)
    return `the role of ${name} must be one of ${DeviceRole.options.join(', ')}`
  const token = entry.slice(equals + 1)
  if (!TOKEN_PATTERN.test(token))
    return `the token of ${name} must be 1 to ${MAX_TOKEN_LENGTH} visible ASCII characters`
  return { workspaceId: workspaceId.data, deviceId: deviceId.data, role: knownRole.data, token }
}
