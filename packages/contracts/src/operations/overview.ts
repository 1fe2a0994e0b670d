import { z } from 'zod'

import { DeviceId } from '../ids.ts'
import { Instant } from '../instant.ts'
import type { DEVICE_STATES } from './devices.ts'

/** Minutes that the overview's chart covers. */
export const OVERVIEW_MINUTES = 60

const count = z.int().min(0)
const traffic = { syncs: count, accepted: count, conflicts: count }
const counts: Record<(typeof DEVICE_STATES)[number], typeof count> = {
  active: count,
  conflicts: count,
  silent: count,
  never: count,
  revoked: count,
}

/** The workspace at a glance (OPS-21). */
export const Overview = z
  .object({
    at: Instant,
    devices: z.object(counts).describe('How many devices are in each state'),
    openConflicts: count.describe('Conflicts in the work queue, of each device up to 1,000'),
    oldestUnsynced: z
      .object({ deviceId: DeviceId, oldestPendingAt: Instant, pending: count, reportedAt: Instant })
      .nullable()
      .describe('The device whose oldest write has waited longest, by the last reports'),
    lastHour: z.object({
      ...traffic,
      minutes: z
        .array(z.object({ at: Instant, ...traffic }))
        .describe('One for each of the last 60 minutes, oldest first, the current one last'),
    }),
  })
  .meta({ id: 'Overview' })
export type Overview = z.infer<typeof Overview>
