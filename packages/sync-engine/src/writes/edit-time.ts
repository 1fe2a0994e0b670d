import { Instant, instantMicros } from '@fieldsync/contracts'

/** Milliseconds since 1970 as an instant. */
export const instantOf = (milliseconds: number): Instant => new Date(milliseconds).toISOString()

/**
 * When an edit was made: now, but always after what it edits, so that a device whose clock is behind does not make
 * edits that are older than what its user saw (ENG-10).
 *
 * @param now milliseconds on the device's clock
 */
export function editTime(now: number, edited: { updatedAt?: string | undefined } | null): Instant {
  if (edited?.updatedAt === undefined) return instantOf(now)
  const next = Math.floor(instantMicros(edited.updatedAt) / 1000) + 1
  const later = instantOf(Math.max(now, next))
  // Behind the last instant that RFC 3339 can write there is no later one.
  return Instant.safeParse(later).success ? later : edited.updatedAt
}
