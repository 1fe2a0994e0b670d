import type { z } from 'zod'

import type { Device, SyncBatchRequest } from '../../index.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { momentOf, sharedRandom, ulidAt } from './ids.ts'
import { overridden, type Overrides } from './overrides.ts'

export type SyncBatchInput = z.input<typeof SyncBatchRequest>
type Upserts = SyncBatchInput['upserts']

/** Fields of the request, and the records of `upserts` given directly: `syncBatch({ observations: [a, b] })`. */
export type SyncBatchOverrides = Overrides<Omit<SyncBatchInput, 'upserts'>> & {
  readonly [K in keyof Upserts]?: Upserts[K]
}

/** A batch from the beginning of the log, under a `syncId` of its own; without records it is a pull. */
export function syncBatch(
  overrides: SyncBatchOverrides = {},
  rng: SeededRandom = sharedRandom,
): SyncBatchInput {
  const { observations = [], recommendations = [], playbookPatches = [], ...fields } = overrides
  const requestedAt = fields.requestedAt ?? momentOf(rng)
  const base: SyncBatchInput = {
    syncId: `syn_${ulidAt(rng, Date.parse(requestedAt))}`,
    requestedAt,
    device: device(),
    lastKnownServerCursor: '',
    upserts: { observations, recommendations, playbookPatches },
  }
  return overridden<SyncBatchInput>(base, fields)
}

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
