import { instantMicros } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { allItems, invalidCursor, keysetOf, type ListRow, millisecondFrom, pageOf } from './keyset.ts'

/** A list of numbers, the largest first, of which at most `fitting` come through the limit of bytes. */
const listOf =
  (keys: readonly number[], limit: number, fitting: number) =>
  ({ cursor }: { cursor?: string }) => {
    const { before, limit: size } = keysetOf({ limit, ...(cursor !== undefined && { cursor }) })
    const candidates = keys
      .filter((key) => key < before)
      .toSorted((a, b) => b - a)
      .slice(0, size + 1)
    const rows = candidates.slice(0, fitting).map((key): ListRow => ({
      key: BigInt(key),
      document: JSON.stringify({ key }),
      found: BigInt(candidates.length),
    }))
    return Promise.resolve(pageOf<{ key: number }>(rows, size))
  }

describe('a newest-first list', () => {
  it('[OPS-17] read page by page is the whole list once, whatever ends its pages', async () => {
    for (const count of [0, 1, 2, 3, 7]) {
      const keys = Array.from({ length: count }, (_, index) => 3 * index + 1)
      for (const limit of [1, 2, 3, 10])
        for (const fitting of [1, 2, 100]) {
          const read = await allItems(listOf(keys, limit, fitting))
          expect(read, `${count} by ${limit}, ${fitting} fit`).toEqual(
            keys.toReversed().map((key) => ({ key })),
          )
        }
    }
  })

  it('[OPS-17] has no cursor at its end, and 50 rows on a page that asks for no number', async () => {
    expect(await listOf([], 1, 9)({})).toMatchObject({ nextCursor: null, items: { text: '[]' } })
    expect(await listOf([4, 5], 2, 9)({})).toMatchObject({ nextCursor: null })
    expect(await listOf([3, 4, 5], 2, 9)({})).toMatchObject({
      nextCursor: 'k4',
      items: { text: '[{"key":5},{"key":4}]' },
    })
    expect(keysetOf({}).limit).toBe(50)
    expect(keysetOf({}).before).toBeGreaterThanOrEqual(BigInt(Number.MAX_SAFE_INTEGER))
  })

  it('[OPS-17] is asked for its first page without a cursor', async () => {
    const asked: { cursor?: string }[] = []
    const list = listOf([1, 2], 1, 9)
    await allItems((page) => {
      asked.push(page)
      return list(page)
    })
    expect(asked).toStrictEqual([{}, { cursor: 'k2' }])
  })

  it.each(['', 'k', 'k-1', 'k1 ', 'xk1', 'k1x', '1', 'k1234567890123456', 'K1'])(
    '[ERR-5] refuses %j, which it has not given',
    (cursor) => {
      expect(() => keysetOf({ cursor })).toThrow(invalidCursor())
      expect(invalidCursor()).toMatchObject({
        code: 'VALIDATION_ERROR',
        details: { issues: [{ path: '/cursor', message: expect.stringContaining('Link') }] },
      })
    },
  )
})

it('an instant is compared by the first whole millisecond at or after it, in years that both sides know', () => {
  for (const [instant, expected] of [
    ['2026-02-11T18:00:00.001Z', '2026-02-11T18:00:00.001Z'],
    ['2026-02-11T18:00:00.001001Z', '2026-02-11T18:00:00.002Z'],
    ['2026-02-11T18:00:00.0019Z', '2026-02-11T18:00:00.002Z'],
    ['1969-12-31T23:59:59Z', '1970-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T00:00:00.000Z'],
  ] as const) {
    expect(millisecondFrom(instant).toISOString()).toBe(expected)
    expect(instantMicros(instant)).toBeTypeOf('number')
  }
})
