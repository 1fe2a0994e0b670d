import { DEFAULT_PAGE_SIZE, type Instant, instantMicros, type PageInput } from '@fieldsync/contracts'

import { JsonText, type Page, separated } from '../core/json-text.ts'
import { type ServiceError, validationError } from '../core/service-error.ts'

/** Larger than every position: where a list begins. */
const BEYOND_ALL = 9_007_199_254_740_991n

/** Where a page of a newest-first list begins, and how many rows it may read: one more than it shows. */
export function keysetOf(input: PageInput): { before: bigint; limit: number } {
  const limit = input.limit ?? DEFAULT_PAGE_SIZE
  if (input.cursor === undefined) return { before: BEYOND_ALL, limit }
  const key = /^k(\d{1,15})$/.exec(input.cursor)?.[1]
  if (key === undefined) throw invalidCursor()
  return { before: BigInt(key), limit }
}

/** A cursor that this list has not given (ERR-5). */
export const invalidCursor = (): ServiceError =>
  validationError([{ path: '/cursor', message: 'must be a cursor from a Link header of this list' }])

/** A row of a list. */
export type ListRow = {
  /** By which the list is ordered. */
  key: bigint
  document: string
  /** How many rows `withinPageBytes` was given, more than it let through where their bytes did not fit. */
  found: bigint
}

/** A page from rows that came through `withinPageBytes`, in order. */
export function pageOf<T>(rows: readonly ListRow[], limit: number): Page<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: new JsonText('[', ...separated(shown.map((row) => row.document)), ']'),
    nextCursor: last && Number(last.found) > shown.length ? `k${last.key}` : null,
  }
}

/** Every item of a list, read page by page. */
export async function allItems<T>(list: (page: { cursor?: string }) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: Page<T> = await list(cursor === undefined ? {} : { cursor })
    items.push(...page.items.toJSON())
    cursor = page.nextCursor
  }
  return items
}

const MOST_MS = Date.UTC(9999, 11, 31)

/**
 * The first whole millisecond at or after an instant, within the years that the database and JavaScript both know: what
 * is compared to it has no finer time.
 */
export const millisecondFrom = (instant: Instant): Date =>
  new Date(Math.min(Math.max(Math.ceil(instantMicros(instant) / 1000), 0), MOST_MS))

/**
 * How many rows one page of a narrowed list looks at: a page may hold fewer than it was asked for, none too, and still
 * lead on, so that its cost is bounded however rare the records are that it looks for (OPS-29).
 */
export const SCANNED_ROWS = 5000
