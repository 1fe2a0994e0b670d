import type { SeededRandom } from '@fieldsync/testkit'

/** One key of `weights`, each as likely as its weight says. */
export function weighted<K extends string>(rng: SeededRandom, weights: Readonly<Record<K, number>>): K {
  const entries = Object.entries<number>(weights) as [K, number][]
  let left = rng.fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [key, weight] of entries) {
    left -= weight
    if (left < 0) return key
  }
  throw new Error('some weight must be positive')
}

/** True once in so many times. */
export const once = (rng: SeededRandom, inSoMany: number): boolean => rng.int(1, inSoMany) === 1

/** One of `items`, or undefined if there are none. */
export function anyOf<T>(rng: SeededRandom, items: readonly T[]): T | undefined {
  const [first, ...others] = items
  return first === undefined ? undefined : rng.pick([first, ...others])
}
