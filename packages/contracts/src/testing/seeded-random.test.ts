import { describe, expect, it } from 'vitest'

import { seededRandom } from './seeded-random.ts'

describe('seededRandom', () => {
  it('depends on the seed alone', () => {
    const draw = (seed: number) =>
      Array.from(
        { length: 20 },
        (
          (rng) => () =>
            rng.int(0, 1000)
        )(seededRandom(seed)),
      )
    expect(draw(42)).toEqual(draw(42))
    expect(draw(42)).not.toEqual(draw(43))
  })

  it('keeps its bounds and reaches them', () => {
    const rng = seededRandom(1)
    const drawn = Array.from({ length: 500 }, () => rng.int(3, 5))
    expect(new Set(drawn)).toEqual(new Set([3, 4, 5]))
    const fractions = Array.from({ length: 500 }, () => rng.fraction())
    expect(fractions.every((fraction) => fraction >= 0 && fraction < 1)).toBe(true)
    expect(new Set(Array.from({ length: 100 }, () => rng.pick(['a', 'b'])))).toEqual(new Set(['a', 'b']))
  })
})
