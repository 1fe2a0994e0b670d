import type { Say } from './messages.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A length of time in the largest unit that says it: `40 minutes`, `5 hours`. @param length milliseconds, not negative */
export function durationText(t: Say, length: number): string {
  const [minutes, hours, days] = [MINUTE, HOUR, DAY].map((unit) => Math.round(length / unit)) as [
    number,
    number,
    number,
  ]
  // Rounded first, so that nobody reads 120 minutes.
  if (minutes < 120) return t('home.clock.minutes', { count: minutes })
  return hours < 48 ? t('home.clock.hours', { count: hours }) : t('home.clock.days', { count: days })
}
