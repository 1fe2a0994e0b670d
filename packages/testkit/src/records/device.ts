import type { Device } from '@fieldsync/contracts'
import type { z } from 'zod'

import { overridden, type Overrides } from './overrides.ts'

export type DeviceInput = z.input<typeof Device>

/** The metadata of a scout's phone. */
export const device = (overrides: Overrides<DeviceInput> = {}): DeviceInput =>
  overridden<DeviceInput>(
    {
      deviceId: 'dev_scout_1',
      platform: 'ios',
      appVersion: '1.4.2',
      modelPackageVersion: 'asr-2026.01',
      offlineModeEnabled: true,
      lastSyncAt: null,
      updatedAt: '2026-02-11T16:00:00.000Z',
    },
    overrides,
  )
