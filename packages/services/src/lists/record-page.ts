import { Prisma, type Queryable, queryRows } from '@fieldsync/db'

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
  /** Adds to the documents of the page what else its answer says of them. */
  readonly complete?: (documents: string[]) => Promise<string[]>
}

/**
 * A page of records from a source, newest change first. One that is narrowed looks at a bounded number of rows, and leads on from where it
 * stopped (OPS-29).
 */
export async function recordPage<T>(source: Queryable, wanted: Wanted): Promise<Page<T>> {
  const { table, within, conditions, before, limit } = wanted
  const rows = Prisma.sql`FROM ${table} WHERE ${within} AND position < ${before} ORDER BY position DESC`
  if (conditions.length === 0) {
    const candidates = Prisma.sql`
      SELECT position AS key, document_bytes AS bytes, document ${rows} LIMIT ${limit + 1}`
    const whole = await queryRows<ListRow>(
      source,
      Prisma.sql`
        SELECT key, document::text AS document, found FROM ${withinPageBytes(candidates)} page ORDER BY key DESC`,
    )
    return pageOf(await completed(whole, wanted), limit)
  }
  const candidates = Prisma.sql`
    SELECT position AS key, document_bytes AS bytes, document FROM (SELECT * ${rows} LIMIT ${SCANNED_ROWS}) scanned
    WHERE ${Prisma.join([...conditions], ' AND ')} ORDER BY position DESC LIMIT ${limit + 1}`
  // One statement, so that where the scan ends and what it found are of one moment.
  const found = await queryRows<ScannedRow>(
    source,
    Prisma.sql`
      SELECT page.key, page.document::text AS document, page.found, scan.last
      FROM (SELECT (SELECT position ${rows} OFFSET ${SCANNED_ROWS - 1} LIMIT 1) AS last) scan
      LEFT JOIN ${withinPageBytes(candidates)} page ON true ORDER BY page.key DESC`,
  )
  const page = pageOf<T>(await completed(found.filter(isFound), wanted), limit)
  const last = found[0]?.last ?? null
  return page.nextCursor === null && last !== null ? { ...page, nextCursor: `k${last}` } : page
}

async function completed(rows: readonly ListRow[], { complete, limit }: Wanted): Promise<readonly ListRow[]> {
  if (!complete || rows.length === 0) return rows
  const shown = rows.slice(0, limit)
  const documents = await complete(shown.map(({ document }) => document))
  return shown.map((row, index) => ({ ...row, document: documents[index] ?? row.document }))
}

/** Where nothing was found, one row says where the scan stopped. */
type ScannedRow = { last: bigint | null } & (ListRow | { key: null })
const isFound = (row: ScannedRow): row is ScannedRow & ListRow => row.key !== null
