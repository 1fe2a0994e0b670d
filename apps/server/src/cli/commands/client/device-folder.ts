import { mkdir, readFile, rename, rm, rmdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { DeviceId } from '@fieldsync/contracts'
import { Option } from 'commander'
import { z } from 'zod'

import { type Environment, readVariables } from '../../../env/read-variables.ts'
import { folder as folderPath } from '../../../env/variables.ts'
import { COMMAND } from '../../cli.ts'
import { ClientError } from '../../client-error.ts'

/** The default device. */
const DEFAULT_DEVICE = 'scout'

export const asOption = () =>
  new Option('--as <device>', 'which device this is: a name, or the path of its folder').default(
    DEFAULT_DEVICE,
  )

const Variables = z.object({ DATA_DIR: folderPath.default('.data') })

/** The folder of a device: a name is a folder in DATA_DIR/field, anything with a slash is a path. */
export function deviceFolder(as: string, environment: Environment): string {
  if (/[/\\]/.test(as)) return path.resolve(as)
  const { DATA_DIR } = readVariables(Variables, environment, { secret: new Set() })
  return path.resolve(DATA_DIR, 'field', as)
}

/** A command of this device, ready to be typed. */
export const typed = (as: string, words: string): string =>
  `${COMMAND} client ${words}${as === DEFAULT_DEVICE ? '' : ` --as ${as}`}`

/**
 * The identity of a headless device, and its server: with its token, so only its user may read the file, or with the name by
 * which it gets access tokens for the key of its folder.
 */
const DeviceProfile = z
  .object({
    url: z.string(),
    deviceId: DeviceId,
    token: z.string().optional(),
    clientId: z.string().optional(),
    // The workspace's, an IANA name, as it was when the device was enrolled.
    timeZone: z.string().optional(),
  })
  .refine(({ token, clientId }) => (token === undefined) !== (clientId === undefined))
export type DeviceProfile = z.infer<typeof DeviceProfile>

const PROFILE = 'device.json'

/** Whether a device was enrolled in the folder. @throws ClientError for an invalid profile */
export async function readProfile(folder: string): Promise<DeviceProfile | undefined> {
  let text: string
  try {
    text = await readFile(path.join(folder, PROFILE), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const parsed = DeviceProfile.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw new ClientError('REFUSED', `${path.join(folder, PROFILE)} is damaged: remove it, and enroll again.`)
}

/** Stores a profile, readable by its user only. Until the new one is whole an earlier one stays in force. */
export async function writeProfile(folder: string, profile: DeviceProfile): Promise<void> {
  const file = path.join(folder, PROFILE)
  const written = `${file}.${process.pid}`
  await writeFile(written, `${JSON.stringify(profile, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true })
  await rename(written, file)
}

/** Removes a profile, with its folder if that contains nothing else. */
export async function removeProfile(folder: string): Promise<void> {
  await rm(path.join(folder, PROFILE), { force: true })
  if ((await readdir(folder)).length === 0) await rmdir(folder)
}

/** Creates the folder of a device, accessible to its user only. */
export const makeFolder = (folder: string): Promise<unknown> =>
  mkdir(folder, { recursive: true, mode: 0o700 })

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
