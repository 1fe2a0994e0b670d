import {
  type DeviceId,
  type DeviceState,
  instantMicros,
  type Overview,
  OVERVIEW_MINUTES,
} from '@fieldsync/contracts'
import { Prisma, type Queryable, queryRows, readCurrent } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import { verb } from '../core/verb.ts'
import { seenDevices } from '../devices/list.ts'

type Call = { ctx: ServiceContext; input: object }

/** The workspace at a glance: its devices, its work queue and its last hour (OPS-21). */
export const getOverview = verb('read', async ({ ctx }: Call): Promise<Overview> => {
  const [devices, hour] = await readCurrent(ctx.runtime.db, ctx.actor.workspaceId, async (source) => [
    await countDevices(ctx, source),
    await lastHour(ctx, source),
  ])
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
  source: Queryable,
): Promise<Pick<Overview, 'devices' | 'openConflicts' | 'oldestUnsynced'>> {
  const counted = Prisma.sql`
    SELECT seen.state, count(*)::int AS devices, sum(seen.open_conflicts)::int AS "openConflicts",
           coalesce(json_agg(json_build_object(
             'deviceId', seen.device_id, 'oldestPendingAt', seen.report->>'oldestPendingAt',
             'pending', seen.report->'pending', 'reportedAt', seen.reported_at
           )) FILTER (
             WHERE seen.revoked_at IS NULL AND seen.report->>'oldestPendingAt' IS NOT NULL
               AND (seen.report->>'pending')::bigint > 0
           ), '[]') AS waiting
    FROM (${seenDevices(ctx)}) seen GROUP BY seen.state`
  const rows = await queryRows<StateRow>(source, counted)
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

const MINUTE_MS = 60_000

type Traffic = { syncs: number; accepted: number; conflicts: number }

/** Stored batches of the last 60 minutes, the current one included, by minute: one statement over that hour's rows. */
export async function lastHour(ctx: ServiceContext, source: Queryable): Promise<Overview['lastHour']> {
  const current = Math.floor(ctx.clock.now().getTime() / MINUTE_MS) * MINUTE_MS
  const minutes = Array.from(
    { length: OVERVIEW_MINUTES },
    (_, i) => current - (OVERVIEW_MINUTES - 1 - i) * MINUTE_MS,
  )
  const [first = current] = minutes
  const counted = Prisma.sql`
    SELECT floor(extract(epoch FROM e.received_at) / 60)::int AS minute, count(*)::int AS syncs,
           sum((e.counts#>>'{accepted,observations}')::int + (e.counts#>>'{accepted,recommendations}')::int
             + (e.counts#>>'{accepted,playbookPatches}')::int)::int AS accepted,
           sum((e.counts->>'conflicts')::int)::int AS conflicts
    FROM sync_events e
    WHERE e.workspace_id = ${ctx.actor.workspaceId} AND e.received_at >= ${new Date(first)}
      AND e.received_at < ${new Date(current + MINUTE_MS)} AND e.operation = 'sync.batch'
    GROUP BY 1`
  const rows = await queryRows<Traffic & { minute: number }>(source, counted)
  const byMinute = new Map(rows.map(({ minute, ...traffic }) => [minute * MINUTE_MS, traffic]))
  const total = { syncs: 0, accepted: 0, conflicts: 0 }
  const counts = minutes.map((minute) => {
    const { syncs, accepted, conflicts } = byMinute.get(minute) ?? { syncs: 0, accepted: 0, conflicts: 0 }
    total.syncs += syncs
    total.accepted += accepted
    total.conflicts += conflicts
    return { at: new Date(minute).toISOString(), syncs, accepted, conflicts }
  })
  return { ...total, minutes: counts }
}
