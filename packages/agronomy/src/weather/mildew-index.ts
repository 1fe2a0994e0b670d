import { instantMicros } from '@fieldsync/contracts'

/** A temperature near the surface at a whole hour: RFC 3339, °C. */
export type HourlyTemperature = { readonly at: string; readonly temperatureC: number }

const HOUR = 3600
const DAY_HOURS = 24
/** How many days the index looks back (AGR-20). */
const DAYS = 10
/** A day with fewer hours than this is not known well enough. */
const LEAST_HOURS = 20

// 70 and 85 °F, to the tenth of a degree that providers give; 95 °F is 35 °C exactly.
const WARM_FROM_C = 21.1
const WARM_UNTIL_C = 29.4
const LETHAL_C = 35
const WARM_HOURS = 6
const EPIDEMIC = 60

/** The temperatures of one day by hour, from its first; undefined where one is missing. */
type DayHours = readonly (number | undefined)[]

/**
 * The powdery-mildew index of Gubler and Thomas, 0 to 100, after the last ten whole days before a time (AGR-20); undefined where
 * a day of them is not known well enough. Days are those of the sun at the longitude, so that one cell has one index.
 *
 * @param at RFC 3339
 * @param lon of the cell, degrees east
 */
export function mildewIndex(
  temperatures: readonly HourlyTemperature[],
  at: string,
  lon: number,
): number | undefined {
  const days = daysBefore(temperatures, at, lon)
  const isKnown = days.every((day) => day.filter((hour) => hour !== undefined).length >= LEAST_HOURS)
  return isKnown ? days.reduce(nextDay, NO_EPIDEMIC).index : undefined
}

/** The index after a day; before an epidemic has started it starts again where a day is not warm. */
type State = { readonly index: number; readonly hasStarted: boolean }

const NO_EPIDEMIC: State = { index: 0, hasStarted: false }

function nextDay({ index, hasStarted }: State, day: DayHours): State {
  const isWarm = longestWarmRun(day) >= WARM_HOURS
  if (!hasStarted) return isWarm ? { index: index + 20, hasStarted: index + 20 >= EPIDEMIC } : NO_EPIDEMIC
  const isLethal = day.some((celsius) => celsius !== undefined && celsius >= LETHAL_C)
  const change = isWarm ? (isLethal ? 10 : 20) : -10
  return { index: Math.min(100, Math.max(0, index + change)), hasStarted }
}

function longestWarmRun(day: DayHours): number {
  let [longest, run] = [0, 0]
  for (const celsius of day) {
    run = celsius !== undefined && celsius >= WARM_FROM_C && celsius <= WARM_UNTIL_C ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return longest
}

function daysBefore(temperatures: readonly HourlyTemperature[], at: string, lon: number): DayHours[] {
  const solarHours = Math.round(lon / 15)
  const hourOf = (instant: string): number => Math.floor(instantMicros(instant) / 1e6 / HOUR) + solarHours
  const firstHour = (Math.floor(hourOf(at) / DAY_HOURS) - DAYS) * DAY_HOURS
  const days = Array.from({ length: DAYS }, () => new Array<number | undefined>(DAY_HOURS).fill(undefined))
  for (const { at: hour, temperatureC } of temperatures) {
    const since = hourOf(hour) - firstHour
    const day = days[Math.floor(since / DAY_HOURS)]
    if (day !== undefined) day[since % DAY_HOURS] = temperatureC
  }
  return days
}
