import type { Page } from '../core/json-text.ts'

/** Follows a list from its first page to its end; tells the items and how many each page held. */
export async function followPages<T>(
  list: (cursor: { cursor?: string }) => Promise<Page<T>>,
): Promise<{ items: T[]; pages: number[] }> {
  const items: T[] = []
  const pages: number[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: Page<T> = await list(cursor ? { cursor } : {})
    const shown = page.items.toJSON()
    items.push(...shown)
    pages.push(shown.length)
    if (pages.length > 100) throw new Error('the list does not end')
    cursor = page.nextCursor
  }
  return { items, pages }
}
