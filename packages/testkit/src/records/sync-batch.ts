import type { SyncBatchRequest } from '@fieldsync/contracts'
import type { z } from 'zod'

import type { SeededRandom } from '../seeded-random.ts'
import { device } from './device.ts'
import { sharedRandom, ulidAt } from './ids.ts'
import { momentOf } from './moment.ts'
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
