import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Random choices that a seed repeats exactly. */
export type SeededRandom = {
  /** A number from 0 (included) to 1 (not included). */
  fraction(): number
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number
  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly [T, ...T[]]): T
}

/** A source of random choices that depends on `seed` alone (a 32-bit integer). */
export function seededRandom(seed: number): SeededRandom {
  const generator = xoroshiro128plus(seed)
  const int = (min: number, max: number) => uniformInt(generator, min, max)
  return {
    fraction: () => uniformFloat64(generator),
    int,
    pick: (items) => items[int(0, items.length - 1)] ?? items[0],
  }
}
