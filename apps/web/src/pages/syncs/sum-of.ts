import type { AcceptedCounts } from '@fieldsync/contracts'
import type { z } from 'zod'

/** Records of all kinds. */
export const sumOf = (counts: z.infer<typeof AcceptedCounts>): number =>
  counts.observations + counts.recommendations + counts.playbookPatches
