import { instantMicros } from '@fieldsync/contracts'

/** How far ahead of the server's clock a write may count, in microseconds: 5 minutes (OBS-19). */
export const MAX_CLOCK_LEAD_MICROS = 5 * 60 * 1_000_000

/**
 * The time of a write in microseconds since 1970, for ordering only: its `updatedAt`, else the time of the
 * request (OBS-18), never more than {@link MAX_CLOCK_LEAD_MICROS} ahead of the server's clock (OBS-19).
 *
 * @param nowMicros the server's clock, in microseconds since 1970
 * @throws RangeError if the instant that counts is not one
 */
export function writeTimeMicros(
  record: { updatedAt?: string | undefined },
  requestedAt: string,
  nowMicros: number,
): number {
  return Math.min(instantMicros(record.updatedAt ?? requestedAt), nowMicros + MAX_CLOCK_LEAD_MICROS)
}
