import { Instant, instantMicros } from '@fieldsync/contracts'

/** Milliseconds since 1970 as an instant. */
export const instantOf = (milliseconds: number): Instant => new Date(milliseconds).toISOString()

type Dated = { updatedAt?: string | undefined }

/**
 * When an edit was made: the time that it brings, else now, but always after the latest version on the device, so that a
 * device whose clock is behind does not make edits that are older than what its user saw (ENG-10). A form that was
 * filled in from an older version brings that one's time along.
 *
 * @param now milliseconds on the device's clock
 */
export function editTime(now: number, edited: Dated | null, edit: Dated = {}): Instant {
  if (edited?.updatedAt === undefined) return edit.updatedAt ?? instantOf(now)
  if (edit.updatedAt !== undefined && instantMicros(edit.updatedAt) > instantMicros(edited.updatedAt)) {
    return edit.updatedAt
  }
  const next = Math.floor(instantMicros(edited.updatedAt) / 1000) + 1
  const later = instantOf(Math.max(now, next))
  // Behind the last instant that RFC 3339 can write there is no later one.
  return Instant.safeParse(later).success ? later : edited.updatedAt
}
