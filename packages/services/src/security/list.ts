import { DEFAULT_PAGE_SIZE, type PageInput, type SecurityEventRecord } from '@fieldsync/contracts'
import { Prisma } from '@fieldsync/db'

import type { AdminContext, ServiceContext } from '../core/context.ts'
import { JsonText, type Page } from '../core/json-text.ts'
import { mapUnavailable, verb } from '../core/verb.ts'
import { keysetOf } from '../lists/keyset.ts'

/** A row of the security log as the operator sees it: whichever workspace it is of, or none. */
export type SecurityEventRow = SecurityEventRecord & { readonly workspaceId: string | null }

/** Refused attempts with credentials of the caller's workspace, newest first (AUD-20). */
export const listSecurityEvents = verb(
  'admin',
  async ({ ctx, input }: { ctx: ServiceContext; input: PageInput }): Promise<Page<SecurityEventRecord>> => {
    const { before, limit } = keysetOf(input)
    const rows = await read(ctx, Prisma.sql`workspace_id = ${ctx.actor.workspaceId}`, before, limit + 1)
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    return {
      items: new JsonText(JSON.stringify(shown.map(recordOf))),
      nextCursor: last && rows.length > limit ? `k${last.eventId}` : null,
    }
  },
)

/**
 * The newest refused attempts at all workspaces, and those with credentials that are of none: for the operator.
 * @throws ServiceError UNAVAILABLE
 */
export async function listAllSecurityEvents({
  ctx,
  limit = DEFAULT_PAGE_SIZE,
}: {
  ctx: AdminContext
  limit?: number
}): Promise<SecurityEventRow[]> {
  const rows = await mapUnavailable(() => read(ctx, Prisma.sql`true`, null, limit))
  return rows.map((row) => ({ ...recordOf(row), workspaceId: row.workspaceId || null }))
}

type Row = {
  eventId: bigint
  workspaceId: string
  minute: Date
  kind: string
  reason: string
  deviceId: string
  count: number
  address: string
  lastAt: Date
}

const read = async (
  { runtime }: AdminContext,
  condition: Prisma.Sql,
  before: bigint | null,
  limit: number,
): Promise<Row[]> =>
  await runtime.db.prisma.$queryRaw<Row[]>`
    SELECT event_id AS "eventId", workspace_id AS "workspaceId", minute, kind, reason, device_id AS "deviceId", count, address,
      last_at AS "lastAt"
    FROM security_events
    WHERE ${condition} ${before === null ? Prisma.empty : Prisma.sql`AND event_id < ${before}`}
    ORDER BY event_id DESC LIMIT ${limit}`

const recordOf = ({ address, count, deviceId, kind, lastAt, minute, reason }: Row): SecurityEventRecord => ({
  minute: minute.toISOString(),
  kind,
  reason,
  deviceId: deviceId || null,
  count,
  address: address || null,
  lastAt: lastAt.toISOString(),
})
