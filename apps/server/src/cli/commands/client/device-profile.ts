import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { DeviceId } from '@fieldsync/contracts'
import { z } from 'zod'

import { ClientError } from '../../client-error.ts'

/** The identity of a headless device, and its server. Contains its token, so only its user may read the file. */
export const DeviceProfile = z.object({ url: z.string(), deviceId: DeviceId, token: z.string() })
export type DeviceProfile = z.infer<typeof DeviceProfile>

const PROFILE = 'device.json'

/** Whether a device was enrolled in the folder. @throws FieldError for an invalid profile */
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

/** Stores a profile, readable by its user only; an existing one is kept. */
export async function writeProfile(folder: string, profile: DeviceProfile): Promise<void> {
  const text = `${JSON.stringify(profile, null, 2)}\n`
  await writeFile(path.join(folder, PROFILE), text, { mode: 0o600, flag: 'wx', flush: true })
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
