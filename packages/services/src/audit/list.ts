import { type AuditEntry, type AuditInput, DEFAULT_PAGE_SIZE } from '@fieldsync/contracts'
import { Prisma } from '@fieldsync/db'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Page, separated } from '../core/json-text.ts'
import { verb } from '../core/verb.ts'
import { invalidCursor } from '../lists/keyset.ts'
import { MAX_PAGE_BYTES } from '../lists/page-bytes.ts'
import { type AuditRow, entriesOf } from './entries.ts'

// A row holds up to a thousand changes: read few at a time, so that memory is bounded by what is shown.
const ROWS_AT_ONCE = 10

type Place = { seq: number; index: number }

/**
 * Audit entries, one per change: newest first, or with `after` oldest first from there, for following (AUD rules).
 * A transaction without changes is one entry.
 */
export const listAudit = verb(
  'audit.read',
  async ({ ctx, input }: { ctx: ServiceContext; input: AuditInput }): Promise<Page<AuditEntry>> => {
    const limit = input.limit ?? DEFAULT_PAGE_SIZE
    const forward = input.after !== undefined
    const start = positionOf(input.cursor?.replace(/^a/, '') ?? input.after)
    const page = new EntryPage(limit)
    for (let from = start; !page.full;) {
      const rows = await readRows(ctx, from?.seq, forward)
      for (const row of rows) {
        const all = entriesOf(row)
        const ordered = forward ? all : all.toReversed()
        for (const entry of ordered) if (isBeyond(entry, start, forward)) page.add(entry)
        from = { seq: Number(row.seq) + (forward ? 1 : -1), index: 0 }
      }
      if (rows.length === 0) break
    }
    return page.answer()
  },
)

/** Entries as far as they fit in one answer, by number and by bytes; at least one. */
class EntryPage {
  /** There is an entry more than fits. */
  full = false
  readonly #limit: number
  readonly #entries: string[] = []
  #bytes = 0
  #lastId = ''

  constructor(limit: number) {
    this.#limit = limit
  }

  add(entry: AuditEntry): void {
    this.full ||= this.#entries.length === this.#limit || this.#bytes >= MAX_PAGE_BYTES
    if (this.full) return
    const text = JSON.stringify(entry)
    this.#entries.push(text)
    this.#bytes += Buffer.byteLength(text)
    this.#lastId = entry.entryId
  }

  answer(): Page<AuditEntry> {
    return {
      items: new JsonText('[', ...separated(this.#entries), ']'),
      nextCursor: this.full ? `a${this.#lastId}` : null,
    }
  }
}

/** The next few rows, fewer where they are large: a row holds what one batch changed. */
async function readRows(ctx: ServiceContext, seq: number | undefined, forward: boolean): Promise<AuditRow[]> {
  const { workspaceId } = ctx.actor
  const [bound, order] = forward
    ? [Prisma.sql`AND seq >= ${seq ?? 1}`, Prisma.sql`seq`]
    : [Prisma.sql`AND seq <= ${seq ?? Number.MAX_SAFE_INTEGER}`, Prisma.sql`seq DESC`]
  return await ctx.runtime.db.prisma.$queryRaw<AuditRow[]>`
    SELECT seq, body, hash FROM (
      SELECT r.*, sum(octet_length(body)) OVER (ORDER BY ${order}) - octet_length(body) AS before
      FROM (
        SELECT seq, body, hash FROM audit_entries
        WHERE workspace_id = ${workspaceId} ${bound} ORDER BY ${order} LIMIT ${ROWS_AT_ONCE}
      ) r
    ) weighed WHERE before < ${MAX_PAGE_BYTES} ORDER BY ${order}`
}

function positionOf(entryId: string | undefined): Place | undefined {
  if (entryId === undefined) return undefined
  const match = /^(\d{1,15})(?:\.(\d{1,6}))?$/.exec(entryId)
  if (!match) throw invalidCursor()
  // Without an index, the whole transaction lies behind.
  return { seq: Number(match[1]), index: match[2] === undefined ? Number.MAX_SAFE_INTEGER : Number(match[2]) }
}

function isBeyond(entry: AuditEntry, start: Place | undefined, forward: boolean): boolean {
  if (!start || entry.seq !== start.seq) return true
  const index = Number(entry.entryId.slice(entry.entryId.indexOf('.') + 1))
  return forward ? index > start.index : index < start.index
}
