import { createHash } from 'node:crypto'

import { ulid } from 'ulid'

/** Reproducible random choices from a seed. */
export type SeasonRandom = {
  /** From 0 (included) to 1 (not included). */
  fraction(): number
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number
  /** True in this many of a hundred cases. */
  percent(share: number): boolean
  pick<T>(items: readonly [T, ...T[]]): T
  /** A ULID of that time. */
  ulid(at: Date): string
}

/** Every draw is a hash of the seed and its number: slow, and the same on every machine and version of Node. */
export function seasonRandom(seed: string): SeasonRandom {
  let drawn = 0
  const fraction = () => createHash('sha256').update(`${seed} ${drawn++}`).digest().readUIntBE(0, 6) / 2 ** 48
  const int = (min: number, max: number) => min + Math.floor(fraction() * (max - min + 1))
  return {
    fraction,
    int,
    percent: (share) => fraction() * 100 < share,
    pick: (items) => items[int(0, items.length - 1)] ?? items[0],
    ulid: (at) => ulid(at.getTime(), fraction),
  }
}
