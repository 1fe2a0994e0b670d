import { describe, expect, it } from 'vitest'

import { ManualClock } from '../testing/manual-clock.ts'
import { CallTimer, TIME_LIMITS } from './time-limits.ts'

const LIMITS = {
  answerMs: 20_000,
  totalMs: 60_000,
  slowestBytesPerSecond: 1000,
  patientBytes: 30_000,
  usualBytesPerSecond: 10_000,
}

/** When a call of this many bytes runs out of time, with `during` called at some moments of it. */
function endsAt(
  bytes: number,
  during: Readonly<Record<number, (timer: CallTimer) => void>> = {},
  indivisible = false,
): number {
  const clock = new ManualClock(0)
  const ended: number[] = []
  const timer = new CallTimer(clock, LIMITS, { bytes, indivisible }, () => ended.push(clock.now()))
  for (let at = 0; ended.length === 0 && at < 10_000_000; at += 1000) {
    during[at]?.(timer)
    clock.advance(1000)
  }
  return ended[0] ?? Number.NaN
}

describe('the time of a call', () => {
  it('is longer the more there is to send', () => {
    expect([0, 1000, 30_000].map((bytes) => endsAt(bytes))).toEqual([20_000, 21_000, 50_000])
  })

  it('[ENG-53] does not grow without bounds for a body that could be smaller, and does for one that cannot', () => {
    expect(endsAt(4_030_000)).toBe(20_000 + 30_000 + 400_000)
    expect(endsAt(4_030_000, {}, true)).toBe(20_000 + 4_030_000)
  })

  it.each([1, 1_000, 20_000, 900_000])(
    '[ENG-53, GUA-10] of a single record of %i bytes lets a link of 1 KiB/s send it and receive it back',
    (bytes) => {
      const ended: number[] = []
      const clock = new ManualClock(0)
      const timer = new CallTimer(clock, TIME_LIMITS, { bytes, indivisible: true }, () =>
        ended.push(clock.now()),
      )
      const seconds = Math.ceil(bytes / 1024)
      clock.advance(seconds * 1000)
      timer.answered()
      for (let second = 0; second < seconds; second++) {
        clock.advance(1000)
        timer.received(1024)
      }
      timer.stop()
      expect(ended).toEqual([])
    },
  )

  it('is longer once the answer has begun, and the more of it has come', () => {
    const answered = (timer: CallTimer): void => timer.answered()
    expect(endsAt(0, { 5000: answered })).toBe(60_000)
    const piece = (timer: CallTimer): void => timer.received(30_000)
    expect(endsAt(0, { 5000: answered, 50_000: piece, 80_000: piece })).toBe(120_000)
  })

  it('does not restart with each byte of an answer that arrives too slowly', () => {
    const drops = Object.fromEntries(
      Array.from({ length: 1000 }, (_, second) => [second * 1000, (timer: CallTimer) => timer.received(10)]),
    )
    expect(endsAt(0, { ...drops, 0: (timer) => timer.answered() })).toBeLessThan(61_000)
  })

  it('is over with the call', () => {
    const clock = new ManualClock(0)
    new CallTimer(clock, LIMITS, { bytes: 0, indivisible: false }, () => undefined).stop()
    expect(clock.nextIn).toBeUndefined()
  })
})
