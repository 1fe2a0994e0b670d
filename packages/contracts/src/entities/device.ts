import { z } from 'zod'

import { DeviceId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { ShortText } from '../text.ts'

export const DevicePlatform = z.enum(['ios', 'android', 'web'])
export type DevicePlatform = z.infer<typeof DevicePlatform>

/** One installed app, as described by itself. Metadata only: rights come from the credential. */
export const Device = z
  .strictObject({
    deviceId: DeviceId,
    platform: DevicePlatform,
    appVersion: ShortText,
    modelPackageVersion: ShortText,
    offlineModeEnabled: z.boolean(),
    lastSyncAt: Instant.nullish(),
    updatedAt: Instant,
  })
  .meta({ id: 'Device' })
export type Device = z.infer<typeof Device>
