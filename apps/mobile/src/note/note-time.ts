/** An instant as a person edits it, to the minute: `2026-06-14 10:05` in the device's zone. */
export function localText(instant: string): string {
  const date = new Date(instant)
  const two = (number: number) => String(number).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** A time as its field shows it: an instant as {@link localText}, and what a person is typing as it is. */
export const shownTime = (text: string): string => (isInstant(text) ? localText(text) : text)

const isInstant = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i.test(text) &&
  !Number.isNaN(Date.parse(text))

/** The instant of what {@link localText} gave, changed or not, or of an instant itself (RFC 3339); null for no time. */
export function instantOf(text: string): string | null {
  if (isInstant(text)) return text
  const parts = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})[\sT]+(\d{1,2}):(\d\d)\s*$/.exec(text)
  if (parts === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = parts.slice(1).map(Number)
  const date = new Date(year, month - 1, day, hour, minute)
  // What the calendar does not have would roll over: 31 June is a typing error.
  const isReal =
    date.getMonth() === month - 1 && date.getDate() === day && date.getHours() === hour && minute < 60
  return isReal ? date.toISOString() : null
}
