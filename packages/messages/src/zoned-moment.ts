import type { Language } from './languages.ts'

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-US', es: 'es-US' }
const MINUTE_MS = 60_000

/**
 * What people call a time zone, the season left out: `Pacific Time`, `hora del Pacífico`.
 *
 * @param timeZone an IANA name
 */
export function zoneNameOf(language: Language, timeZone: string): string {
  const parts = new Intl.DateTimeFormat(LOCALES[language], {
    timeZone,
    timeZoneName: 'longGeneric',
  }).formatToParts(0)
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone
}

/**
 * A time zone by its own name, and the abbreviation that holds at an instant: `America/Los_Angeles (PDT)`.
 *
 * @param timeZone an IANA name
 * @param at milliseconds since 1970
 */
export function zoneLabel(language: Language, timeZone: string, at: number): string {
  const parts = new Intl.DateTimeFormat(LOCALES[language], { timeZone, timeZoneName: 'short' }).formatToParts(
    at,
  )
  const short = parts.find(({ type }) => type === 'timeZoneName')?.value
  return short === undefined || short === timeZone ? timeZone : `${timeZone} (${short})`
}

/** True if the clocks of two time zones (IANA names) show the same at an instant, milliseconds since 1970. */
export const isSameClock = (one: string, other: string, at: number): boolean =>
  one === other || offsetAt(at, one) === offsetAt(at, other)

/** The clock of a time zone at an instant (milliseconds since 1970), as `2026-06-14T10:05`: what a browser's field for moments takes. */
export const toZoned = (at: number, timeZone: string): string =>
  new Date(at + offsetAt(at, timeZone)).toISOString().slice(0, 16)

/**
 * The instant, in milliseconds since 1970, at which the clock of a time zone shows a day and time: of two such instants
 * the first, and for a time that a change of the clock leaves out the one as long after that change. NaN for a text that
 * is no day and time.
 */
export function fromZoned(text: string, timeZone: string): number {
  const asUtc = Date.parse(`${text}Z`)
  if (Number.isNaN(asUtc)) return Number.NaN
  // The offsets in force around it: a clock changes at most once within a day.
  const [before, after] = [-1, 1].map((days) => asUtc - offsetAt(asUtc + days * 86_400_000, timeZone))
  const shows = (at: number | undefined): at is number =>
    at !== undefined && at + offsetAt(at, timeZone) === asUtc
  const [first] = [before, after].filter(shows).toSorted((a, b) => a - b)
  return first ?? before ?? asUtc
}

/** How far the clock of a time zone is ahead of UTC at an instant, milliseconds. */
function offsetAt(at: number, timeZone: string): number {
  const parts = clockOf(timeZone).formatToParts(at)
  const number = (name: string): number => Number(parts.find(({ type }) => type === name)?.value)
  const [year, month, day] = [number('year'), number('month'), number('day')]
  const shown = Date.UTC(year, month - 1, day, number('hour'), number('minute'), number('second'))
  return Math.round((shown - at) / MINUTE_MS) * MINUTE_MS
}

// To make one takes longer than to use it a hundred times.
const clocks = new Map<string, Intl.DateTimeFormat>()

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone)
  if (known) return known
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
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
