import { describe, expect, it } from 'vitest'

import { ManualClock } from '../testing/manual-clock.ts'
import { CallTimer } from './time-limits.ts'

const LIMITS = { answerMs: 20_000, totalMs: 60_000, slowestBytesPerSecond: 1000 }

/** When a call of so many bytes runs out of time, with `during` called at some moments of it. */
function endsAt(
  bodyBytes: number,
  during: Readonly<Record<number, (timer: CallTimer) => void>> = {},
): number {
  const clock = new ManualClock(0)
  const ended: number[] = []
  const timer = new CallTimer(clock, LIMITS, bodyBytes, () => ended.push(clock.now()))
  for (let at = 0; ended.length === 0 && at < 10_000_000; at += 1000) {
    during[at]?.(timer)
    clock.advance(1000)
  }
  return ended[0] ?? Number.NaN
}

describe('the time of a call', () => {
  it('is longer the more there is to send', () => {
    expect([0, 1000, 8_000_000].map((bytes) => endsAt(bytes))).toEqual([20_000, 21_000, 8_020_000])
  })

  it('is longer once the answer has begun, and the more of it has come', () => {
    const answered = (timer: CallTimer): void => timer.answered()
    expect(endsAt(0, { 5000: answered })).toBe(60_000)
    const piece = (timer: CallTimer): void => timer.received(30_000)
    expect(endsAt(0, { 5000: answered, 50_000: piece, 80_000: piece })).toBe(120_000)
  })

  it('does not begin anew with each drop of an answer that comes too slowly', () => {
    const drops = Object.fromEntries(
      Array.from({ length: 1000 }, (_, second) => [second * 1000, (timer: CallTimer) => timer.received(10)]),
    )
    expect(endsAt(0, { ...drops, 0: (timer) => timer.answered() })).toBeLessThan(61_000)
  })

  it('is over with the call', () => {
    const clock = new ManualClock(0)
    new CallTimer(clock, LIMITS, 0, () => undefined).stop()
    expect(clock.nextIn).toBeUndefined()
  })
})
