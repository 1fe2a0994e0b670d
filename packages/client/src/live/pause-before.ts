import type { Random } from '@fieldsync/sync-engine'

import type { ConnectionEnd } from './live-connection.ts'

const FIRST_MS = 1000
const LONGEST_MS = 5 * 60_000
/** When the server refuses this client permanently, has no such stream, or is not at this address. */
const REFUSED_MS = 15 * 60_000

/**
 * How long to wait before connecting again, in milliseconds: twice as long after each further failure, never the same
 * for all clients, and not before the time that the server asks for (LIV-10).
 *
 * @param failures consecutive failed connections before this one
 */
export function pauseBefore(end: ConnectionEnd, failures: number, random: Random): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 20))
  const jittered = most / 2 + (random.next() * most) / 2
  const refused = end.redirected === true || (end.refusal !== undefined && !end.refusal.retryable)
  return jittered + (end.retryAfterMs ?? (refused ? REFUSED_MS : 0))
}
