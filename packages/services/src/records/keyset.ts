import { DEFAULT_PAGE_SIZE, type PageInput } from '@fieldsync/contracts'

import { JsonText, type Page } from '../verb/json-text.ts'
import { ServiceError } from '../verb/service-error.ts'

/** Larger than every position: where a list begins. */
const BEYOND_ALL = 9_007_199_254_740_991n

/** Where a page of a newest-first list begins, and how many rows it may read: one more than it shows. */
export function keysetOf(input: PageInput): { before: bigint; limit: number } {
  const limit = input.limit ?? DEFAULT_PAGE_SIZE
  if (input.cursor === undefined) return { before: BEYOND_ALL, limit }
  const key = /^k(\d{1,15})$/.exec(input.cursor)?.[1]
  if (key === undefined) {
    throw new ServiceError('VALIDATION_ERROR', 'The request does not keep the contract.', {
      details: { issues: [{ path: '/cursor', message: 'must be a cursor from a Link header of this list' }] },
    })
  }
  return { before: BigInt(key), limit }
}

/** A page from rows read by {@link keysetOf}, each with the key that orders it. */
export function pageOf<T>(rows: readonly { key: bigint; document: string }[], limit: number): Page<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: new JsonText(`[${shown.map((row) => row.document).join(',')}]`),
    nextCursor: rows.length > limit && last ? `k${last.key}` : null,
  }
}
