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

/** A write with its time for ordering, see {@link writeTimeMicros}. */
export type TimedWrite = { record: { updatedAt?: string | undefined }; timeMicros: number }

/**
 * Positive if the first write is the newer one, negative if the older, 0 for equal times. Two times that were limited
 * to the same instant are in the order of their `updatedAt`: a phone whose clock is far ahead may send several edits of
 * a record in one batch, and the last of them has to win (OBS-19).
 */
export function compareWrites(a: TimedWrite, b: TimedWrite): number {
  const byTime = a.timeMicros - b.timeMicros
  return byTime === 0 ? uncutMicros(a) - uncutMicros(b) : byTime
}

// A draft's time may have been updated past its `updatedAt` since (OBS-22).
const uncutMicros = ({ record, timeMicros }: TimedWrite): number =>
  record.updatedAt === undefined ? timeMicros : Math.max(timeMicros, instantMicros(record.updatedAt))
