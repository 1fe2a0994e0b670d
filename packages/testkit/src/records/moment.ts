import type { SeededRandom } from '../seeded-random.ts'

/** The day all built records belong to: the one of the demo weather. */
const START_OF_WORK = Date.parse('2026-02-11T16:00:00Z')
const WORKING_DAY = 8 * 60 * 60 * 1000

/** An instant of 11 February 2026 between 16:00Z and midnight, to the millisecond. */
export const momentOf = (rng: SeededRandom): string =>
  new Date(START_OF_WORK + rng.int(0, WORKING_DAY - 1)).toISOString()

/** `instant` moved by `millis`, as UTC. */
export const later = (instant: string, millis: number): string =>
  new Date(Date.parse(instant) + millis).toISOString()
