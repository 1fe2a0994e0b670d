import { seededRuns } from '@fieldsync/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { limited, shrinkList, shrinkValue } from './shrink.ts'

describe('shrinkList', () => {
  it('leaves exactly the items that the failure needs, in their order', async () => {
    const needed = fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(needed, async (some) => {
        const all = Array.from({ length: 61 }, (_, i) => i)
        const shrunk = await shrinkList(all, async (items) => some.every((each) => items.includes(each)))
        expect(shrunk).toEqual(some.toSorted((a, b) => a - b))
      }),
      seededRuns(),
    )
  })

  it('leaves nothing where nothing is needed, and a list as it is where all of it is', async () => {
    expect(await shrinkList([1, 2, 3], async () => true)).toEqual([])
    expect(await shrinkList([1, 2, 3], async (items) => items.length === 3)).toEqual([1, 2, 3])
    expect(await shrinkList([], async () => true)).toEqual([])
  })

  it('takes few attempts for a long list with one culprit', async () => {
    let attempts = 0
    await shrinkList(
      Array.from({ length: 1000 }, (_, i) => i),
      async (items) => {
        attempts++
        return items.includes(321)
      },
    )
    expect(attempts).toBeLessThan(60)
  })
})

describe('shrinkValue', () => {
  it('goes on from each simpler value that fails, to one whose every simpler value passes', async () => {
    const simpler = (n: number) => [Math.floor(n / 2), n - 1].filter((each) => each >= 0 && each < n)
    expect(await shrinkValue(1000, simpler, async (n) => n >= 37)).toBe(37)
  })
})

describe('limited', () => {
  it('lets nothing fail after so many attempts', async () => {
    const fails = limited(async () => true, 2)
    expect([await fails(1), await fails(1), await fails(1)]).toEqual([true, true, false])
  })
})
