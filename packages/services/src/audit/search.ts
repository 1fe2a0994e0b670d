import { type AuditEntry, type AuditInput, DEFAULT_PAGE_SIZE } from '@fieldsync/contracts'
import {
  type BeyondPlace,
  type FoundPlace,
  type Queryable,
  readCurrent,
  searchAuditTerms,
} from '@fieldsync/db'
import { filterTerms } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { type Page, sha256 } from '../core/json-text.ts'
import { unavailable } from '../core/service-error.ts'
import { invalidCursor, millisecondFrom } from '../lists/keyset.ts'
import { MAX_PAGE_BYTES } from '../lists/page-bytes.ts'
import { entriesOf } from './entries.ts'
import { EntryPage, indexOf, readEntryId } from './entry-page.ts'
import { indexAudit } from './index-audit.ts'

/** How long a search waits for rows that are not in the index yet; normally there are few. */
const INDEXING_MS = 2000
/** Rows hold up to a thousand changes: their bodies are read a few at a time. */
const ROWS_AT_ONCE = 10

/** Whether a list of the audit asks for some of its entries only. */
export const isSearch = ({ action, deviceId, from, path, personId, recordId, to }: AuditInput): boolean =>
  [action, deviceId, from, path, personId, recordId, to].some((filter) => filter !== undefined)

/**
 * Entries that match every filter, in the order of their time, then of the chain: newest first, or with `after` oldest first
 * (AUD-18). They are found by an index, which is brought up to date first, and read from the chain.
 *
 * @throws ServiceError VALIDATION_ERROR for a foreign cursor, UNAVAILABLE while the index is built
 */
export async function searchAudit(ctx: ServiceContext, input: AuditInput): Promise<Page<AuditEntry>> {
  const { db } = ctx.runtime
  const { workspaceId } = ctx.actor
  if (!(await indexAudit(db, workspaceId, { withinMs: INDEXING_MS })))
    throw unavailable('The audit of this workspace is being prepared for searches; try again in a minute.')
  const options = { indexed: true }
  return await readCurrent(db, workspaceId, (source) => foundEntries({ source, workspaceId }, input), options)
}

/** Where entries are read from. */
type Read = { readonly source: Queryable; readonly workspaceId: string }

async function foundEntries(read: Read, input: AuditInput): Promise<Page<AuditEntry>> {
  const { source, workspaceId } = read
  const limit = input.limit ?? DEFAULT_PAGE_SIZE
  const forward = input.after !== undefined
  const terms = filterTerms(input, sha256)
  const start = await startOf(read, input)
  const page = new EntryPage(limit)
  for (let beyond = start; !page.full;) {
    const found = await searchAuditTerms(source, {
      workspaceId,
      ...terms,
      from: input.from === undefined ? undefined : millisecondFrom(input.from),
      to: input.to === undefined ? undefined : millisecondFrom(input.to),
      beyond,
      order: forward ? 'oldest first' : 'newest first',
      limit: limit + 1,
    })
    for await (const entry of entriesAt(read, found, forward)) {
      if (isBeyond(entry, start, forward)) page.add(entry)
      if (page.full) break
    }
    const last = found.at(-1)
    if (!last || found.length <= limit) break
    beyond = { ...last, index: last.index === -1 ? null : last.index }
  }
  return page.answer(({ at, entryId }) => `t${Date.parse(at)}_${entryId}`)
}

async function startOf(read: Read, { after, cursor }: AuditInput): Promise<BeyondPlace | undefined> {
  if (cursor !== undefined) {
    const [, time, entryId = ''] = /^t(\d{1,15})_(.+)$/.exec(cursor) ?? []
    const place = readEntryId(entryId)
    if (!place) throw invalidCursor()
    return { at: new Date(Number(time)), ...place }
  }
  const place = after === undefined ? undefined : readEntryId(after)
  if (!place) return undefined
  // What was before the beginning of the chain has no row: everything lies beyond.
  const { rows } = await read.source.query<{ at: Date }>(
    'SELECT at FROM audit_entries WHERE workspace_id = $1 AND seq = $2',
    [read.workspaceId, place.seq],
  )
  const [row] = rows
  return row ? { at: row.at, seq: place.seq, index: Math.min(place.index, MOST_CHANGES) } : undefined
}

/** More than a row has. */
const MOST_CHANGES = 1_000_000

/** The entries at these places, read from the chain, a few rows at a time. */
async function* entriesAt(
  read: Read,
  found: readonly FoundPlace[],
  forward: boolean,
): AsyncGenerator<AuditEntry> {
  const wanted = Map.groupBy(found, ({ seq }) => seq)
  let rest = [...wanted.keys()]
  while (rest.length > 0) {
    const rows = await readRows(read, rest.slice(0, ROWS_AT_ONCE))
    for (const row of rows) {
      // Pruned since it was found.
      if (row.body === null) continue
      const indexes = new Set(wanted.get(Number(row.seq))?.map(({ index }) => index))
      const entries = entriesOf({ ...row, body: row.body }).filter(
        (entry) => indexes.has(-1) || indexes.has(indexOf(entry)),
      )
      yield* forward ? entries : entries.toReversed()
    }
    rest = rest.slice(rows.length)
  }
}

const ROWS = `SELECT seq, body, hash FROM (
    SELECT c.seq, e.body, e.hash, c.place,
      sum(coalesce(octet_length(e.body), 0)) OVER (ORDER BY c.place) - coalesce(octet_length(e.body), 0) AS before
    FROM unnest($2::bigint[]) WITH ORDINALITY AS c(seq, place)
    LEFT JOIN audit_entries e ON e.workspace_id = $1 AND e.seq = c.seq
  ) weighed WHERE before < $3 ORDER BY place`

async function readRows(
  { source, workspaceId }: Read,
  seqs: readonly number[],
): Promise<{ seq: bigint; body: string | null; hash: string }[]> {
  const { rows } = await source.query<{ seq: string; body: string | null; hash: string }>(ROWS, [
    workspaceId,
    seqs,
    MAX_PAGE_BYTES,
  ])
  return rows.map((row) => ({ ...row, seq: BigInt(row.seq) }))
}

/** Of the row that a page begins in, what an earlier page has shown is left out. */
function isBeyond(entry: AuditEntry, start: BeyondPlace | undefined, forward: boolean): boolean {
  if (!start || start.index === null || entry.seq !== start.seq) return true
  return forward ? indexOf(entry) > start.index : indexOf(entry) < start.index
}
