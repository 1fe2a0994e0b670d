import { Device } from '@fieldsync/contracts'
import type { Clock } from '@fieldsync/sync-engine'
import type { z } from 'zod'

/** The device as the app describes it; omitted values are filled in. */
export type DeviceInfo = Omit<z.input<typeof Device>, 'lastSyncAt' | 'updatedAt' | 'offlineModeEnabled'> & {
  /** Default true. */
  readonly offlineModeEnabled?: boolean
  /** When this last changed; default: when the client was created. */
  readonly updatedAt?: string
}

/**
 * The device as sent with each batch.
 * @throws Error that names what is wrong with it
 */
export function deviceOf(info: DeviceInfo | (() => DeviceInfo), clock: Clock): () => Device {
  const madeAt = new Date(clock.now()).toISOString()
  const read = (): Device => {
    const given = typeof info === 'function' ? info() : info
    const parsed = Device.safeParse({ offlineModeEnabled: true, updatedAt: madeAt, ...given })
    if (parsed.success) return parsed.data
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
    throw new Error(`The device description is invalid: ${problems.join('; ')}`)
  }
  read()
  return read
}
