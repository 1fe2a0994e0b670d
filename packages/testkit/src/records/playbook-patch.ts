import type { PlaybookPatch } from '@fieldsync/contracts'
import type { z } from 'zod'

import type { SeededRandom } from '../seeded-random.ts'
import { mintId, sharedRandom } from './ids.ts'
import { momentOf } from './moment.ts'
import { overridden, type Overrides } from './overrides.ts'

export type PlaybookPatchInput = z.input<typeof PlaybookPatch>

/** A patch that the starter playbook at version 3 takes: it moves one wind limit, which the rule allows. */
export function playbookPatch(
  overrides: Overrides<PlaybookPatchInput> = {},
  rng: SeededRandom = sharedRandom,
): PlaybookPatchInput {
  const requestedAt = overrides.requestedAt ?? momentOf(rng)
  return overridden<PlaybookPatchInput>(
    {
      patchId: mintId('pch', rng, requestedAt),
      playbookId: 'pbk_yolo_grape',
      baseVersion: 3,
      requestedByDeviceId: 'dev_scout_1',
      requestedAt,
      reason: 'Drift seen on the levee side last week; the limit should follow what the sprayer can hold.',
      operations: [
        {
          op: 'replace',
          path: '/rules/rule_pm_moderate/constraints/maxWindKph',
          value: rng.int(6, 18),
          justification: 'Agreed with the spray crew',
        },
      ],
    },
    overrides,
  )
}
