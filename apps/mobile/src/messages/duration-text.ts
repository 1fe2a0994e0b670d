import type { Say } from './messages.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A length of time in the largest unit that says it: `40 minutes`, `5 hours`. @param length milliseconds, not negative */
export const durationText = (t: Say, length: number): string =>
  length >= 2 * DAY
    ? t('home.clock.days', { count: Math.round(length / DAY) })
    : length >= 2 * HOUR
      ? t('home.clock.hours', { count: Math.round(length / HOUR) })
      : t('home.clock.minutes', { count: Math.round(length / MINUTE) })
