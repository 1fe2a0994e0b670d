import { type AuditEntry, type AuditInput, DEFAULT_PAGE_SIZE } from '@fieldsync/contracts'
import { Prisma, type Queryable, queryRows, readCurrent } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import type { Page } from '../core/json-text.ts'
import { verb } from '../core/verb.ts'
import { invalidCursor } from '../lists/keyset.ts'
import { MAX_PAGE_BYTES } from '../lists/page-bytes.ts'
import { type AuditRow, entriesOf } from './entries.ts'
import { EntryPage, type EntryPlace, indexOf, readEntryId } from './entry-page.ts'
import { isSearch, searchAudit } from './search.ts'

// A row holds up to a thousand changes: read few at a time, so that memory is bounded by what is shown.
const ROWS_AT_ONCE = 10

/**
 * Audit entries, one per change: newest first, or with `after` oldest first from there, for following (AUD rules).
 * A transaction without changes is one entry. With filters, those that match all of them (AUD-18).
 *
 * @throws ServiceError VALIDATION_ERROR, UNAVAILABLE
 */
export const listAudit = verb(
  'audit.read',
  async ({ ctx, input }: { ctx: ServiceContext; input: AuditInput }): Promise<Page<AuditEntry>> =>
    isSearch(input)
      ? await searchAudit(ctx, input)
      : await readCurrent(ctx.runtime.db, ctx.actor.workspaceId, (source) =>
          listChain(source, ctx.actor.workspaceId, input),
        ),
)

async function listChain(
  source: Queryable,
  workspaceId: string,
  input: AuditInput,
): Promise<Page<AuditEntry>> {
  const forward = input.after !== undefined
  const start = placeOf(input.cursor?.replace(/^a/, '') ?? input.after)
  const page = new EntryPage(input.limit ?? DEFAULT_PAGE_SIZE)
  for (let from = start; !page.full;) {
    const rows = await readRows(source, workspaceId, { seq: from?.seq, forward })
    for (const row of rows) {
      const all = entriesOf(row)
      const ordered = forward ? all : all.toReversed()
      for (const entry of ordered) if (isBeyond(entry, start, forward)) page.add(entry)
      from = { seq: Number(row.seq) + (forward ? 1 : -1), index: 0 }
    }
    if (rows.length === 0) break
  }
  return page.answer(({ entryId }) => `a${entryId}`)
}

/** The next few rows, fewer where they are large: a row holds what one batch changed. */
async function readRows(
  source: Queryable,
  workspaceId: string,
  { seq, forward }: { seq: number | undefined; forward: boolean },
): Promise<AuditRow[]> {
  const [bound, order] = forward
    ? [Prisma.sql`AND seq >= ${seq ?? 1}`, Prisma.sql`seq`]
    : [Prisma.sql`AND seq <= ${seq ?? Number.MAX_SAFE_INTEGER}`, Prisma.sql`seq DESC`]
  const next = Prisma.sql`
    SELECT seq, body, hash FROM (
      SELECT r.*, sum(octet_length(body)) OVER (ORDER BY ${order}) - octet_length(body) AS before
      FROM (
        SELECT seq, body, hash FROM audit_entries
        WHERE workspace_id = ${workspaceId} ${bound} ORDER BY ${order} LIMIT ${ROWS_AT_ONCE}
      ) r
    ) weighed WHERE before < ${MAX_PAGE_BYTES} ORDER BY ${order}`
  return await queryRows<AuditRow>(source, next)
}

function placeOf(entryId: string | undefined): EntryPlace | undefined {
  if (entryId === undefined) return undefined
  const place = readEntryId(entryId)
  if (!place) throw invalidCursor()
  return place
}

function isBeyond(entry: AuditEntry, start: EntryPlace | undefined, forward: boolean): boolean {
  if (!start || entry.seq !== start.seq) return true
  return forward ? indexOf(entry) > start.index : indexOf(entry) < start.index
}
