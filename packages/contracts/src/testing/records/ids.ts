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

/** The day all built records belong to: the one of the demo weather. */
const START_OF_WORK = Date.parse('2026-02-11T16:00:00Z')
const WORKING_DAY = 8 * 60 * 60 * 1000

/** An instant of 11 February 2026 between 16:00Z and midnight, to the millisecond. */
export const momentOf = (rng: SeededRandom): string =>
  new Date(START_OF_WORK + rng.int(0, WORKING_DAY - 1)).toISOString()

/** `instant` moved by `millis`, as UTC. */
export const later = (instant: string, millis: number): string =>
  new Date(Date.parse(instant) + millis).toISOString()
