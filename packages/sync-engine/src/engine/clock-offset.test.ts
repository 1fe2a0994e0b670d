import { describe, expect, it } from 'vitest'

import { testContext } from '../testing/test-context.ts'
import { clockOffset, noteClock } from './clock-offset.ts'

const MINUTE = 60_000
const SERVER = Date.parse('2026-06-14T17:00:00Z')
const exchange = (ahead: number, took: number, isFirst = true) => ({
  sentAt: SERVER + ahead - took / 2,
  receivedAt: SERVER + ahead + took / 2,
  serverTime: SERVER,
  isFirst,
})

describe('the clock of a device', () => {
  it.each([
    ['right', exchange(0, 200), 0],
    ['off by less than five minutes', exchange(4 * MINUTE, 200), 0],
    ['six minutes ahead', exchange(6 * MINUTE, 200), 6 * MINUTE],
    ['an hour behind', exchange(-60 * MINUTE, 200), -60 * MINUTE],
    ['perhaps right, over a link that takes 20 minutes', exchange(9 * MINUTE, 20 * MINUTE), 0],
    ['perhaps right, though more likely ahead', exchange(2 * MINUTE, 20 * MINUTE), 0],
    ['surely ahead, over the same link', exchange(30 * MINUTE, 20 * MINUTE), 30 * MINUTE],
    ['asked again, and answered from what was stored', exchange(60 * MINUTE, 200, false), null],
    ['set back while the answer was on its way', { ...exchange(0, 200), receivedAt: SERVER - MINUTE }, null],
  ])('[ENG-57] %s', (_what, measured, offset) => {
    expect(clockOffset(measured)).toBe(offset)
  })
})

describe('how far a clock is off', () => {
  it.each([
    [5 * MINUTE - 1, 0],
    [5 * MINUTE, 5 * MINUTE],
    [-5 * MINUTE + 1, 0],
    [-5 * MINUTE, -5 * MINUTE],
    [7 * MINUTE + 29_999, 7 * MINUTE],
    [7 * MINUTE + 30_000, 8 * MINUTE],
  ])('[ENG-57] is said from five minutes on, to the minute: %i ms are %i', (ahead, offset) => {
    expect(clockOffset(exchange(ahead, 0))).toBe(offset)
  })

  it('[ENG-57] is stored, and news where it changes', async () => {
    const { change, stored } = await testContext()
    const note = (ahead: number, isFirst = true) =>
      change(async (changeset) => noteClock(changeset, exchange(ahead, 0, isFirst)))
    const offset = () => (stored('position') as { clockOffset?: number }).clockOffset
    expect([await note(0), offset()]).toEqual([null, undefined])
    expect([await note(9 * MINUTE), offset()]).toEqual([9 * MINUTE, 9 * MINUTE])
    expect([await note(9 * MINUTE), offset()]).toEqual([null, 9 * MINUTE])
    expect([await note(20 * MINUTE, false), offset()]).toEqual([null, 9 * MINUTE])
    expect([await note(0), offset()]).toEqual([0, 0])
  })
})
