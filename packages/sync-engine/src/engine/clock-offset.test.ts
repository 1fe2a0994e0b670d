import { describe, expect, it } from 'vitest'

import { clockOffset } from './clock-offset.ts'

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
    ['surely ahead, over the same link', exchange(30 * MINUTE, 20 * MINUTE), 30 * MINUTE],
    ['asked again, and answered from what was stored', exchange(60 * MINUTE, 200, false), null],
    ['set back while the answer was on its way', { ...exchange(0, 200), receivedAt: SERVER - MINUTE }, null],
  ])('[ENG-57] %s', (_what, measured, offset) => {
    expect(clockOffset(measured)).toBe(offset)
  })
})
