import type { Clock } from '@fieldsync/sync-engine'

/** The device's own clock and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, Math.min(milliseconds, LONGEST_TIMER_MS))
    return () => clearTimeout(timer)
  },
}

// Timers hold 31 bits; beyond that a platform would call back at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1
