import { z } from 'zod'

const DATE = z.regexes.date.source.replace(/^\^|\$$/g, '')
const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,12})?'
const OFFSET = '(?:[Zz]|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)'

/** RFC 3339 date-time with seconds and an offset, as `2026-02-11T18:00:00Z` or `…T10:00:00.5-08:00`. */
export const INSTANT_PATTERN = new RegExp(`^${DATE}[Tt]${TIME}${OFFSET}$`)

export const Instant = z
  .string()
  .regex(INSTANT_PATTERN, 'must be an RFC 3339 date-time with an offset, such as 2026-02-11T18:00:00Z')
  .meta({ format: 'date-time' })
export type Instant = z.infer<typeof Instant>

/**
 * The instant as whole microseconds since 1970-01-01T00:00:00Z; further digits are truncated.
 * @throws RangeError if `instant` is not an {@link Instant}
 */
export function instantMicros(instant: string): number {
  if (!INSTANT_PATTERN.test(instant)) throw new RangeError(`not an instant: ${instant}`)
  const fraction = /\.(\d+)/.exec(instant)?.[1] ?? ''
  const seconds = Date.parse(instant.toUpperCase().replace(/\.\d+/, ''))
  return seconds * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'))
}
