import { DeviceId } from '@fieldsync/contracts'
import { fromZoned, toZoned } from '@fieldsync/messages'

/** What kind of value a filter takes: any text, one of some words, a device, or a moment of the workspace's clock. */
export type FilterKind = 'text' | 'moment' | 'device' | 'choice'

/** How many devices are offered to choose from; a longer list is not offered whole, but any id may be typed. */
export const MOST_OFFERED = 500

/** Values of filters as an address has them. */
export type FilterValues = Readonly<Record<string, string | undefined>>

type Named = { readonly name: string; readonly kind: FilterKind }

/** What a filter's values depend on beside what is typed. */
type Around = {
  /** What the address has now. */
  readonly values: FilterValues
  /** The workspace's (IANA). */
  readonly timeZone: string
  /** Ids of the devices that are offered. */
  readonly known: readonly string[]
}

/**
 * A value of the address as its field shows it: an instant as the browser's own field for moments wants it. An address may
 * say anything, and what is no moment is shown as none.
 */
export function shownText(kind: FilterKind, value: string | undefined, timeZone: string): string {
  if (value === undefined || kind !== 'moment') return value ?? ''
  const at = Date.parse(value)
  return Number.isNaN(at) ? '' : toZoned(at, timeZone)
}

/** What an address says after filters were applied: all that is filled in, and nothing of what was there before. */
export function appliedValues(
  filters: readonly Named[],
  typed: FilterValues,
  { values, timeZone, known }: Around,
): Record<string, string> {
  const given = filters.map(({ name, kind }) => {
    const text = typed[name]?.trim() ?? ''
    if (kind === 'device' && text !== '') return [name, deviceMeant(text, known) ?? text] as const
    if (kind === 'moment' && text !== '') return [name, instantOf(text, values[name], timeZone)] as const
    return [name, text] as const
  })
  return Object.fromEntries(given.filter(([, value]) => value !== ''))
}

/** The device that a person means: its id, or any part that no other device's id has. */
export function deviceMeant(text: string, known: readonly string[]): string | undefined {
  if (known.includes(text)) return text
  const part = text.toLowerCase()
  const [first, ...more] = known.filter((deviceId) => deviceId.includes(part))
  if (first !== undefined && more.length === 0) return first
  // One beyond the offered ones.
  return DeviceId.safeParse(text).success && (known.length === 0 || known.length >= MOST_OFFERED)
    ? text
    : undefined
}

/** A field that was not touched keeps its instant: the clock's text has no seconds. */
function instantOf(text: string, was: string | undefined, timeZone: string): string {
  if (was !== undefined && text === shownText('moment', was, timeZone)) return was
  const at = fromZoned(text, timeZone)
  return Number.isNaN(at) ? text : new Date(at).toISOString()
}
