import { DEFAULT_PAGE_SIZE, type SyncRecord, type SyncsInput } from '@fieldsync/contracts'
import { Prisma, queryRows, readCurrent } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Page } from '../core/json-text.ts'
import { verb } from '../core/verb.ts'
import { invalidCursor, millisecondFrom, SCANNED_ROWS } from '../lists/keyset.ts'
import { type SyncRow, syncSummary } from '../write/sync-summary.ts'

/** A batch's place in the list. */
type Place = { receivedAt: Date; eventId: string }
type Row = (SyncRow & Place) | { eventId: null }
type Found = Row & { lastReceivedAt: Date | null; lastEventId: string | null }

/** Stored batches of the workspace, newest first, narrowed by device, time and conflict code (OPS-25, OPS-29). */
export const listSyncs = verb(
  'read',
  async ({ ctx, input }: { ctx: ServiceContext; input: SyncsInput }): Promise<Page<SyncRecord>> => {
    const limit = input.limit ?? DEFAULT_PAGE_SIZE
    const isNarrowed = input.deviceId !== undefined || input.code !== undefined
    // What is not narrowed needs to look no further than its page.
    const scanned = scan(ctx, input, isNarrowed ? SCANNED_ROWS : limit + 1)
    const last = isNarrowed
      ? Prisma.sql`SELECT received_at, event_id FROM (${scanned}) scanned
          ORDER BY received_at DESC, event_id DESC OFFSET ${SCANNED_ROWS - 1} LIMIT 1`
      : Prisma.sql`SELECT NULL::timestamptz AS received_at, NULL::uuid AS event_id`
    // One statement, so that where the scan ends and what it found are of one moment.
    const page = Prisma.sql`
      SELECT page.device_id AS "deviceId", page.sync_id AS "syncId", page.received_at AS "receivedAt", page.counts,
             page.answer_bytes AS "answerBytes", page.event_id AS "eventId",
             last.received_at AS "lastReceivedAt", last.event_id AS "lastEventId"
      FROM (SELECT) one
      LEFT JOIN (${last}) last ON true
      LEFT JOIN (
        SELECT * FROM (${scanned}) scanned
        WHERE true ${narrowed(input)}
        ORDER BY received_at DESC, event_id DESC LIMIT ${limit + 1}
      ) page ON true
      ORDER BY page.received_at DESC, page.event_id DESC`
    const rows = await readCurrent(ctx.runtime.db, ctx.actor.workspaceId, (source) =>
      queryRows<Found>(source, page),
    )
    const found = rows.filter((row): row is Found & SyncRow & Place => row.eventId !== null)
    const shown = found.slice(0, limit)
    return {
      items: new JsonText(JSON.stringify(shown.map(syncSummary))),
      nextCursor: cursorOf(found.length > shown.length ? shown.at(-1) : lastScanned(rows[0])),
    }
  },
)

/** The batches that are looked at, from the cursor on: the rows of one range of one index. */
function scan({ actor }: ServiceContext, { cursor, from, to }: SyncsInput, rows: number): Prisma.Sql {
  const place = positionOf(cursor)
  const after = place
    ? Prisma.sql`AND (received_at, event_id) < (${place.receivedAt}, ${place.eventId}::uuid)`
    : Prisma.empty
  const since = from === undefined ? Prisma.empty : Prisma.sql`AND received_at >= ${millisecondFrom(from)}`
  const until = to === undefined ? Prisma.empty : Prisma.sql`AND received_at < ${millisecondFrom(to)}`
  return Prisma.sql`
    SELECT received_at, event_id, device_id, sync_id, counts, octet_length(response) AS answer_bytes
    FROM sync_events
    WHERE workspace_id = ${actor.workspaceId} AND operation = 'sync.batch' ${after} ${since} ${until}
    ORDER BY received_at DESC, event_id DESC LIMIT ${rows}`
}

function narrowed({ deviceId, code }: SyncsInput): Prisma.Sql {
  const ofDevice = deviceId === undefined ? Prisma.empty : Prisma.sql`AND device_id = ${deviceId}`
  const withCode =
    code === undefined ? Prisma.empty : Prisma.sql`AND counts->'codes'->>${code}::text IS NOT NULL`
  return Prisma.sql`${ofDevice} ${withCode}`
}

/** Where a scan that found too little stopped; undefined where it came to the end. */
const lastScanned = (row: Found | undefined): Place | undefined =>
  row?.lastReceivedAt && row.lastEventId
    ? { receivedAt: row.lastReceivedAt, eventId: row.lastEventId }
    : undefined

const cursorOf = (place: Place | undefined): string | null =>
  place ? `t${place.receivedAt.getTime()}.${place.eventId}` : null

function positionOf(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined
  const [, time, eventId] = /^t(\d{1,14})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor) ?? []
  if (time === undefined || eventId === undefined) throw invalidCursor()
  return { receivedAt: new Date(Number(time)), eventId }
}
