import { type DeviceId, type DeviceState, instantMicros, type Overview } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import { verb } from '../core/verb.ts'
import { seenDevices } from '../devices/seen-devices.ts'
import { lastHour } from './last-hour.ts'

type Call = { ctx: ServiceContext; input: object }

/** The workspace at a glance: its devices, its work queue and its last hour (OPS-21). */
export const getOverview = verb('read', async ({ ctx }: Call): Promise<Overview> => {
  const [devices, hour] = [await countDevices(ctx), await lastHour(ctx)]
  return { at: ctx.clock.now().toISOString(), ...devices, lastHour: hour }
})

type StateRow = {
  state: DeviceState
  devices: number
  openConflicts: number
  /** Only of devices that are not revoked and have reported what waits. */
  waiting: readonly Loading[]
}
type Loading = { deviceId: DeviceId; oldestPendingAt: string; pending: number; reportedAt: string }

async function countDevices(
  ctx: ServiceContext,
): Promise<Pick<Overview, 'devices' | 'openConflicts' | 'oldestUnsynced'>> {
  const rows = await ctx.db.prisma.$queryRaw<StateRow[]>`
    SELECT seen.state, count(*)::int AS devices, sum(seen.open_conflicts)::int AS "openConflicts",
           coalesce(json_agg(json_build_object(
             'deviceId', seen.device_id, 'oldestPendingAt', seen.report->>'oldestPendingAt',
             'pending', seen.report->'pending', 'reportedAt', seen.reported_at
           )) FILTER (
             WHERE seen.revoked_at IS NULL AND seen.report->>'oldestPendingAt' IS NOT NULL
               AND (seen.report->>'pending')::bigint > 0
           ), '[]') AS waiting
    FROM (${seenDevices(ctx)}) seen GROUP BY seen.state`
  const devices = { active: 0, conflicts: 0, silent: 0, never: 0, revoked: 0 }
  for (const row of rows) devices[row.state] = row.devices
  return {
    devices,
    openConflicts: rows.reduce((sum, row) => sum + row.openConflicts, 0),
    oldestUnsynced: oldest(rows.flatMap((row) => row.waiting)),
  }
}

/** Compared here: an instant of the contract may have a year or an offset that PostgreSQL refuses. */
function oldest(waiting: readonly Loading[]): Overview['oldestUnsynced'] {
  const [first] = waiting
    .map((device) => ({ device, micros: instantMicros(device.oldestPendingAt) }))
    .toSorted((a, b) => a.micros - b.micros)
  return first ? { ...first.device, reportedAt: new Date(first.device.reportedAt).toISOString() } : null
}
