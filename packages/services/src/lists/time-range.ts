import { type Instant, instantMicros } from '@fieldsync/contracts'

const MOST_MS = Date.UTC(9999, 11, 31)

/**
 * The first whole millisecond at or after an instant, within the years that the database and JavaScript both know: what
 * is compared to it has no finer time.
 */
export const millisecondFrom = (instant: Instant): Date =>
  new Date(Math.min(Math.max(Math.ceil(instantMicros(instant) / 1000), 0), MOST_MS))
