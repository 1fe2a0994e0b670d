import { Prisma } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import type { Page } from '../core/json-text.ts'
import { type ListRow, pageOf, SCANNED_ROWS } from './keyset.ts'
import { withinPageBytes } from './page-bytes.ts'

type Wanted = {
  /** The table of the records, with `position`, `document` and `document_bytes`. */
  readonly table: Prisma.Sql
  /** Of which of its rows an index gives the newest first. */
  readonly within: Prisma.Sql
  /** What narrows the list: each must hold, and is looked at row by row. */
  readonly conditions: readonly Prisma.Sql[]
  readonly before: bigint
  readonly limit: number
}

/**
 * A page of records, newest change first. One that is narrowed looks at a bounded number of rows, and leads on from where it
 * stopped (OPS-29).
 */
export async function recordPage<T>(ctx: ServiceContext, wanted: Wanted): Promise<Page<T>> {
  const { table, within, conditions, before, limit } = wanted
  const { prisma } = ctx.runtime.db
  const rows = Prisma.sql`FROM ${table} WHERE ${within} AND position < ${before} ORDER BY position DESC`
  if (conditions.length === 0) {
    const candidates = Prisma.sql`
      SELECT position AS key, document_bytes AS bytes, document ${rows} LIMIT ${limit + 1}`
    return pageOf(
      await prisma.$queryRaw<ListRow[]>`
        SELECT key, document::text AS document, found FROM ${withinPageBytes(candidates)} page ORDER BY key DESC`,
      limit,
    )
  }
  const candidates = Prisma.sql`
    SELECT position AS key, document_bytes AS bytes, document FROM (SELECT * ${rows} LIMIT ${SCANNED_ROWS}) scanned
    WHERE ${Prisma.join([...conditions], ' AND ')} ORDER BY position DESC LIMIT ${limit + 1}`
  // One statement, so that where the scan ends and what it found are of one moment.
  const found = await prisma.$queryRaw<ScannedRow[]>`
    SELECT page.key, page.document::text AS document, page.found, scan.last
    FROM (SELECT (SELECT position ${rows} OFFSET ${SCANNED_ROWS - 1} LIMIT 1) AS last) scan
    LEFT JOIN ${withinPageBytes(candidates)} page ON true ORDER BY page.key DESC`
  const page = pageOf<T>(found.filter(isFound), limit)
  const last = found[0]?.last ?? null
  return page.nextCursor === null && last !== null ? { ...page, nextCursor: `k${last}` } : page
}

/** Where nothing was found, one row says where the scan stopped. */
type ScannedRow = { last: bigint | null } & (ListRow | { key: null })
const isFound = (row: ScannedRow): row is ScannedRow & ListRow => row.key !== null
