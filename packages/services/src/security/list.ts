import { DEFAULT_PAGE_SIZE, type SecurityEventRecord, type SecurityEventsInput } from '@fieldsync/contracts'
import { Prisma } from '@fieldsync/db'

import type { AdminContext, ServiceContext } from '../core/context.ts'
import { JsonText, type Page } from '../core/json-text.ts'
import { mapUnavailable, verb } from '../core/verb.ts'
import { keysetOf, millisecondFrom, SCANNED_ROWS } from '../lists/keyset.ts'

/** A row of the security log as the operator sees it: whichever workspace it is of, or none. */
export type SecurityEventRow = SecurityEventRecord & { readonly workspaceId: string | null }

/** Refused attempts with credentials of the caller's workspace that match the filters, newest first (AUD-20, OPS-79). */
export const listSecurityEvents = verb(
  'admin',
  async ({
    ctx,
    input,
  }: {
    ctx: ServiceContext
    input: SecurityEventsInput
  }): Promise<Page<SecurityEventRecord>> => {
    const { before, limit } = keysetOf(input)
    const found = await scan(ctx, Prisma.sql`workspace_id = ${ctx.actor.workspaceId}`, {
      before,
      limit: limit + 1,
      conditions: conditionsOf(input),
    })
    const rows = found.filter(isRow)
    const shown = rows.slice(0, limit)
    const next = rows.length > limit ? shown.at(-1)?.eventId : found[0]?.scanEnd
    return {
      items: new JsonText(JSON.stringify(shown.map(recordOf))),
      nextCursor: next == null ? null : `k${next}`,
    }
  },
)

function conditionsOf({ deviceId, from, kind, to }: SecurityEventsInput): Prisma.Sql[] {
  return [
    ...(kind === undefined ? [] : [Prisma.sql`kind = ${kind}`]),
    ...(deviceId === undefined ? [] : [Prisma.sql`device_id = ${deviceId}`]),
    ...(from === undefined ? [] : [Prisma.sql`minute >= ${millisecondFrom(from)}`]),
    ...(to === undefined ? [] : [Prisma.sql`minute < ${millisecondFrom(to)}`]),
  ]
}

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
  const found = await mapUnavailable(() =>
    scan(ctx, Prisma.sql`true`, { before: null, limit, conditions: [] }),
  )
  const rows = found.filter(isRow)
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

/** Where nothing was found, one row says where the scan has stopped; null where it reached the end. */
type ScannedRow = { scanEnd: bigint | null } & (Row | { eventId: null })
const isRow = (row: ScannedRow): row is ScannedRow & Row => row.eventId !== null

type Scan = { before: bigint | null; limit: number; conditions: readonly Prisma.Sql[] }

/** The newest rows that match, among as many as one page may look at (OPS-29). */
const scan = async (
  { runtime }: AdminContext,
  whose: Prisma.Sql,
  { before, limit, conditions }: Scan,
): Promise<ScannedRow[]> =>
  await runtime.db.prisma.$queryRaw<ScannedRow[]>`
    WITH scanned AS (
      SELECT * FROM security_events
      WHERE ${whose} ${before === null ? Prisma.empty : Prisma.sql`AND event_id < ${before}`}
      ORDER BY event_id DESC LIMIT ${conditions.length === 0 ? limit : SCANNED_ROWS}
    ), found AS (
      SELECT * FROM scanned WHERE ${Prisma.join([Prisma.sql`true`, ...conditions], ' AND ')}
      ORDER BY event_id DESC LIMIT ${limit}
    )
    SELECT event_id AS "eventId", workspace_id AS "workspaceId", minute, kind, reason, device_id AS "deviceId", count, address,
      last_at AS "lastAt", "scanEnd"
    FROM (SELECT CASE WHEN count(*) = ${SCANNED_ROWS} THEN min(event_id) END AS "scanEnd" FROM scanned) scan
    LEFT JOIN found ON true ORDER BY event_id DESC`

const recordOf = ({ address, count, deviceId, kind, lastAt, minute, reason }: Row): SecurityEventRecord => ({
  minute: minute.toISOString(),
  kind,
  reason,
  deviceId: deviceId || null,
  count,
  address: address || null,
  lastAt: lastAt.toISOString(),
})
