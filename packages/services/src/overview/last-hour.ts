import { type Overview, OVERVIEW_MINUTES } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'

const MINUTE_MS = 60_000

type Traffic = { syncs: number; accepted: number; conflicts: number }

/** Stored batches of the last 60 minutes, the current one included, by minute: one statement over that hour's rows. */
export async function lastHour(ctx: ServiceContext): Promise<Overview['lastHour']> {
  const current = Math.floor(ctx.clock.now().getTime() / MINUTE_MS) * MINUTE_MS
  const minutes = Array.from(
    { length: OVERVIEW_MINUTES },
    (_, i) => current - (OVERVIEW_MINUTES - 1 - i) * MINUTE_MS,
  )
  const [first = current] = minutes
  const rows = await ctx.db.prisma.$queryRaw<(Traffic & { minute: number })[]>`
    SELECT floor(extract(epoch FROM e.received_at) / 60)::int AS minute, count(*)::int AS syncs,
           sum((e.counts#>>'{accepted,observations}')::int + (e.counts#>>'{accepted,recommendations}')::int
             + (e.counts#>>'{accepted,playbookPatches}')::int)::int AS accepted,
           sum((e.counts->>'conflicts')::int)::int AS conflicts
    FROM sync_events e
    WHERE e.workspace_id = ${ctx.actor.workspaceId} AND e.received_at >= ${new Date(first)}
      AND e.received_at < ${new Date(current + MINUTE_MS)} AND e.operation = 'sync.batch'
    GROUP BY 1`
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
