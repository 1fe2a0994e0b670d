import type { Changeset } from '../core/changeset.ts'

/** One answer and when the device asked for it; milliseconds on the device's clock. */
export type Exchange = {
  sentAt: number
  receivedAt: number
  /** When the server says that it answered. */
  serverTime: number
  /** False for a call that went out before: the server may give the answer, and the time, of then. */
  isFirst: boolean
}

/** From here on the offset is reported: lists that go by time are visibly wrong. */
const NOTABLE_MS = 5 * 60_000
const MINUTE = 60_000

/**
 * How far the device's clock is ahead of the server's (behind: negative), to the minute; 0 where it may be right, null
 * where an exchange says nothing. What the way there and back took is no part of it, however slow the network (ENG-57).
 */
export function clockOffset({ sentAt, receivedAt, serverTime, isFirst }: Exchange): number | null {
  if (!isFirst || receivedAt < sentAt) return null
  // The server answered somewhere between the two.
  const least = sentAt - serverTime
  const most = receivedAt - serverTime
  const certain = Math.max(least, -most, 0)
  return certain < NOTABLE_MS ? 0 : Math.round((least + most) / 2 / MINUTE) * MINUTE
}

/** Keeps what an exchange says of the clock. @returns the offset that is news to the person, else null */
export function noteClock(changeset: Changeset, exchange: Exchange): number | null {
  const offset = clockOffset(exchange)
  const before = changeset.position.clockOffset ?? 0
  if (offset === null || offset === before) return null
  changeset.position.clockOffset = offset
  return offset
}
