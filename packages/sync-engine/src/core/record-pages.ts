import type { LocalRecord } from './local-record.ts'
import type { ReadTransaction } from './local-store.ts'

const PAGE = 500

/**
 * All records of a store by their keys, a page at a time: however many there are, one page is in memory.
 *
 * @param after the key of the last record that is left out
 */
export async function* recordPages(
  transaction: ReadTransaction,
  after = '',
): AsyncGenerator<readonly (readonly [key: string, record: LocalRecord])[], void> {
  for (let from = after; ;) {
    const page = await transaction.list('records', { after: from, limit: PAGE })
    const last = page.at(-1)
    if (last === undefined) return
    yield page
    from = last[0]
  }
}
