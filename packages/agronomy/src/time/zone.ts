const HOUR = 3600
const DAY = 24 * HOUR

/** The range of instants that the contract can write, in seconds since 1970: the years 0000 to 9999. */
const FIRST = Date.parse('0000-01-01T00:00:00Z') / 1000
const LAST = Date.parse('9999-12-31T23:59:59Z') / 1000

// A year of one to three digits, or of the other era, would be misread; there is no time zone to get wrong there.
const FIRST_ZONED = Date.parse('1000-01-01T00:00:00Z') / 1000

/** An instant that the contract can write: the next one to it. */
export const withinRange = (seconds: number): number => Math.min(Math.max(seconds, FIRST), LAST)

/**
 * How far the clocks of a time zone are ahead of UTC at an instant (seconds since 1970), in seconds.
 *
 * @param timeZone an IANA name
 * @throws RangeError for a time zone that the platform does not know
 */
export function offsetAt(seconds: number, timeZone: string): number {
  const at = Math.max(seconds, FIRST_ZONED)
  const shown: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {}
  for (const { type, value } of clockOf(timeZone).formatToParts(at * 1000)) shown[type] = Number(value)
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = shown
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - at
}

/** The day that the clocks of a time zone show, as days since 1970. */
export const localDay = (seconds: number, timeZone: string): number =>
  Math.floor((seconds + offsetAt(seconds, timeZone)) / DAY)

/**
 * The first instant, in seconds since 1970, at which the clocks of a time zone show this time of a day or a later one. Where
 * clocks are set back and show a time twice, that is the first of the two; where they are set forward and leave it out, it is
 * the moment of the change. So a later time never gives an earlier instant (AGR-5).
 *
 * @param day as days since 1970
 * @param secondOfDay from 0; one of the next day for 24 hours and more
 */
export function firstShowing(day: number, secondOfDay: number, timeZone: string): number {
  const shown = day * DAY + secondOfDay
  // No zone is a whole day away from UTC, and none changes its clocks twice within two days.
  let [before, after] = [shown - DAY, shown + DAY]
  const [early, late] = [shown - offsetAt(before, timeZone), shown - offsetAt(after, timeZone)]
  if (early === late) return early
  const offset = offsetAt(before, timeZone)
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (offsetAt(middle, timeZone) === offset) before = middle
    else after = middle
  }
  return early < after ? early : Math.max(late, after)
}

/**
 * An instant (seconds since 1970) as RFC 3339 with the offset of a time zone at it: `2026-02-11T21:00:00-08:00`. An offset that
 * is no whole minute, as before zones were introduced, is written as the whole minute before. In UTC where the local year has
 * more than four digits.
 */
export function zonedInstant(seconds: number, timeZone: string): string {
  const offset = Math.floor(offsetAt(seconds, timeZone) / 60) * 60
  const local = seconds + offset
  if (local < FIRST || local > LAST) return `${withoutZone(seconds)}Z`
  const minutes = Math.abs(offset) / 60
  const sign = offset < 0 ? '-' : '+'
  return `${withoutZone(local)}${sign}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`
}

const withoutZone = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19)
const twoDigits = (number: number): string => `${number}`.padStart(2, '0')

// To make one takes longer than to use it a hundred times; there are some hundred zones.
const clocks = new Map<string, Intl.DateTimeFormat>()

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone)
  if (known) return known
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  clocks.set(timeZone, clock)
  return clock
}
