import type { Random } from '../core/ports/random.ts'

/**
 * A wait that grows: drawn from 0 to `first` · 2^`failures`, at most `longest` (full jitter), so that a thousand phones
 * that lost one server do not come back at once. Whole milliseconds.
 *
 * @param failures how many there were before this one
 */
export const backoff = (random: Random, failures: number, first: number, longest: number): number =>
  Math.ceil(random.next() * Math.min(longest, first * 2 ** Math.min(failures, 30)))
