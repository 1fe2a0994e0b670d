import { z } from 'zod'

import { Observation } from '../entities/observation.ts'
import { Playbook } from '../entities/playbook.ts'
import { Recommendation } from '../entities/recommendation.ts'
import { PlaybookId, SyncId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { lenient } from '../lenient.ts'
import { SyncConflict } from './conflict.ts'
import { ServerCursor } from './cursor.ts'
import { StateHash } from './state-hash.ts'

/** A record that was deleted from the workspace. */
export const Tombstone = z.object({
  entityType: z.enum(['observation', 'recommendation', 'playbook']),
  entityId: z.string(),
  at: Instant,
})
export type Tombstone = z.infer<typeof Tombstone>

export const AcceptedCounts = z.object({
  observations: z.int().min(0),
  recommendations: z.int().min(0),
  playbookPatches: z.int().min(0),
})
export type AcceptedCounts = z.infer<typeof AcceptedCounts>

/** What changed in the workspace after the client's cursor, in commit order. */
export const Downstream = z.object({
  playbook: z.object({ playbookId: PlaybookId, version: z.int().min(1), updatedAt: Instant }),
  observations: z.array(lenient(Observation)),
  recommendations: z.array(lenient(Recommendation)),
  hasMore: z.boolean(),
  playbooks: z.array(lenient(Playbook)).optional(),
  deleted: z.array(Tombstone).optional(),
  stateHash: StateHash.optional().describe('Of the whole workspace, where this page ends at its head'),
})
export type Downstream = z.infer<typeof Downstream>

export const SyncBatchResponse = z
  .object({
    syncId: SyncId,
    acceptedAt: Instant,
    serverCursor: ServerCursor,
    acceptedCounts: AcceptedCounts,
    conflicts: z.array(SyncConflict),
    downstream: Downstream,
    checkpoint: z
      .string()
      .optional()
      .describe('A checkpoint of the audit, as a signed note: the device keeps the newest and reports it'),
  })
  .meta({ id: 'SyncBatchResponse' })
export type SyncBatchResponse = z.infer<typeof SyncBatchResponse>
