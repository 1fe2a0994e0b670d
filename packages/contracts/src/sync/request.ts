import { z } from 'zod'

import { Device } from '../entities/device.ts'
import { Observation } from '../entities/observation.ts'
import { PlaybookPatch } from '../entities/playbook-patch.ts'
import { Recommendation } from '../entities/recommendation.ts'
import { ConflictId, SyncId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { innerArray, RequiredText } from '../text.ts'
import { ConflictResolution } from './conflict.ts'
import { ServerCursor } from './cursor.ts'
import { StateHash } from './state-hash.ts'

export const DEFAULT_MAX_DOWNSTREAM = 500
export const MAX_DOWNSTREAM = 1000

/** The device's own state, for operators, and the conflicts it has resolved since the last call. */
export const DeviceReport = z.strictObject({
  pending: z.int().min(0),
  conflicts: z.int().min(0),
  quarantined: z.int().min(0),
  localOnly: z
    .int()
    .min(0)
    .optional()
    .describe('Records that only this device has: the server no longer has them, and did not delete them'),
  oldestPendingAt: Instant.optional(),
  resolved: innerArray(
    z.strictObject({
      conflictId: ConflictId,
      resolution: z.enum([...ConflictResolution.options, 'discard']),
    }),
  ).optional(),
  drift: z
    .strictObject({ noticedAt: Instant, serverHash: StateHash, deviceHash: StateHash })
    .optional()
    .describe('The device found that its copy differed from the server’s, and repaired it by a full pull'),
  checkpoint: RequiredText.optional().describe(
    'The newest checkpoint of the audit that the device was given, as a signed note',
  ),
})
export type DeviceReport = z.infer<typeof DeviceReport>

/** The records of one batch, each decided on its own, in this order (BAT-2). */
export const SyncUpserts = z.strictObject({
  observations: z.array(Observation),
  recommendations: z.array(Recommendation),
  playbookPatches: z.array(PlaybookPatch),
})
export type SyncUpserts = z.infer<typeof SyncUpserts>

/** One call that pushes a device's changes and pulls everyone else's. */
export const SyncBatchRequest = z
  .strictObject({
    syncId: SyncId,
    requestedAt: Instant,
    device: Device,
    lastKnownServerCursor: ServerCursor,
    upserts: SyncUpserts,
    maxDownstream: z.int().min(1).max(MAX_DOWNSTREAM).optional(),
    report: DeviceReport.optional(),
  })
  .meta({ id: 'SyncBatchRequest' })
export type SyncBatchRequest = z.infer<typeof SyncBatchRequest>
