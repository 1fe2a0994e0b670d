import { z } from 'zod'

import { DeviceId, ObservationId, PlaybookId, RecommendationId, SyncId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { ConflictCode, SyncConflict } from '../sync/conflict.ts'
import { DeviceReport } from '../sync/request.ts'
import { AcceptedCounts, Downstream, Tombstone } from '../sync/response.ts'

const summary = {
  deviceId: DeviceId,
  syncId: SyncId,
  receivedAt: Instant,
  sent: AcceptedCounts.nullable().describe('Records received; null for a batch stored before version 1.3.0'),
  accepted: AcceptedCounts,
  conflicts: z.int().min(0),
  codes: z
    .array(z.object({ code: ConflictCode, count: z.int().min(1) }))
    .describe('The conflicts by code; empty for a batch stored before version 1.3.0'),
  answerBytes: z.int().min(0).describe('Size of the answer sent to the device'),
}

/** One stored batch: what was received, and its outcome. */
export const SyncRecord = z.object(summary).meta({ id: 'SyncRecord' })
export type SyncRecord = z.infer<typeof SyncRecord>

/** A conflict of a stored batch, with its current state. */
export const ReportedConflict = SyncConflict.pick({
  conflictId: true,
  entityType: true,
  entityId: true,
  code: true,
  resolution: true,
  message: true,
  issues: true,
})
  .extend({
    open: z.boolean().describe('It waits in the work queue'),
    resolvedAt: Instant.nullable(),
    resolvedAs: DeviceReport.shape.resolved.unwrap().element.shape.resolution.nullable(),
  })
  .meta({ id: 'ToldConflict' })
export type ReportedConflict = z.infer<typeof ReportedConflict>

/** One stored batch with each conflict and everything sent to the device. */
export const SyncDetail = z
  .object({
    ...summary,
    toldConflicts: z.array(ReportedConflict),
    downstream: z.object({
      observationIds: z.array(ObservationId),
      recommendationIds: z.array(RecommendationId),
      playbooks: z.array(z.object({ playbookId: PlaybookId, version: z.int().min(1) })),
      deleted: z.array(Tombstone),
      hasMore: Downstream.shape.hasMore,
    }),
  })
  .meta({ id: 'SyncDetail' })
export type SyncDetail = z.infer<typeof SyncDetail>
