import { firstShowing, localDay } from '../time/zone.ts'
import type { TimingWindow } from './timing-window.ts'

const DAY = 24 * 3600
// A window of a day that the clocks leave out does not take place; a zone has moved over the date line and lost a whole day.
const DAYS_AHEAD = 4

/**
 * The first irrigation window that starts at or after an instant (AGR-4). One whose end is not after its start ends on the next
 * day. A part of it that the clocks leave out is left out of it, and one that they leave out whole does not take place.
 *
 * @param window as `04:30-07:00`, on the workspace's clock
 * @param reference seconds since 1970
 */
export function irrigationWindow(window: string, reference: number, timeZone: string): TimingWindow {
  const [from = 0, until = 0] = window.split('-').map(secondOfDay)
  const end = until > from ? until : until + DAY
  const today = localDay(reference, timeZone)
  for (let day = today; day < today + DAYS_AHEAD; day += 1) {
    const startAt = firstShowing(day, from, timeZone)
    const endAt = firstShowing(day, end, timeZone)
    if (startAt >= reference && endAt > startAt) return { startAt, endAt }
  }
  throw new RangeError(`no window ${window} within ${DAYS_AHEAD} days in ${timeZone}`)
}

function secondOfDay(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return (hours * 60 + minutes) * 60
}
