import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { DeviceId } from '@fieldsync/contracts'
import { z } from 'zod'

import { ClientError } from '../../client-error.ts'

/** Who a headless device is, and where its server is. Holds its token, so only its user may read the file. */
export const DeviceProfile = z.object({ url: z.string(), deviceId: DeviceId, token: z.string() })
export type DeviceProfile = z.infer<typeof DeviceProfile>

const PROFILE = 'device.json'

/** Whether a device was enrolled in the folder. @throws FieldError for a profile that is none */
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
  throw new ClientError('REFUSED', `${path.join(folder, PROFILE)} is damaged: remove it, and enrol again.`)
}

/** Keeps a profile, readable to its user alone; one that is there stays. */
export async function writeProfile(folder: string, profile: DeviceProfile): Promise<void> {
  const text = `${JSON.stringify(profile, null, 2)}\n`
  await writeFile(path.join(folder, PROFILE), text, { mode: 0o600, flag: 'wx', flush: true })
}

/** Makes the folder of a device, closed to others. */
export const makeFolder = (folder: string): Promise<unknown> =>
  mkdir(folder, { recursive: true, mode: 0o700 })

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
