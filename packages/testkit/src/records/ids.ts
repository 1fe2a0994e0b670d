import { ulid } from 'ulid'

import { type SeededRandom, seededRandom } from '../seeded-random.ts'

// Builders called without a source of their own share this one: each call differs, each run is the same.
export const sharedRandom: SeededRandom = seededRandom(20_260_211)

/** A ULID for a time in milliseconds since 1970, its random part taken from `rng`. */
export const ulidAt = (rng: SeededRandom, millis: number): string => ulid(millis, () => rng.fraction())

/** A collision-free record id as new clients mint it: prefix, UTC day and ULID of `instant`. */
export function mintId(prefix: 'obs' | 'rec' | 'pch', rng: SeededRandom, instant: string): string {
  const millis = Date.parse(instant)
  const day = new Date(millis).toISOString().slice(0, 10).replaceAll('-', '')
  return `${prefix}_${day}_${ulidAt(rng, millis)}`
}
