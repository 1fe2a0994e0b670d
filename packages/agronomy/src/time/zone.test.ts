import { instantMicros } from '@fieldsync/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { firstShowing, localDay, offsetAt, withinRange, zonedInstant } from './zone.ts'

const HOUR = 3600
const DAY = 24 * HOUR
const seconds = (instant: string): number => instantMicros(instant) / 1e6

const ZONES = [
  'America/Los_Angeles',
  'America/Argentina/Mendoza',
  'America/Santiago',
  'America/St_Johns',
  'Europe/Madrid',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'UTC',
]
const zone = fc.constantFrom(...ZONES)
const moment = fc.integer({ min: seconds('1990-01-01T00:00:00Z'), max: seconds('2040-01-01T00:00:00Z') })

it.each([
  ['America/Los_Angeles', '2026-03-08T09:59:59Z', -8],
  ['America/Los_Angeles', '2026-03-08T10:00:00Z', -7],
  ['America/Los_Angeles', '2026-11-01T08:59:59Z', -7],
  ['America/Los_Angeles', '2026-11-01T09:00:00Z', -8],
  ['Asia/Kathmandu', '2026-01-01T00:00:00Z', 5.75],
  ['Pacific/Apia', '2011-12-30T09:59:59Z', -10],
  ['Pacific/Apia', '2011-12-30T10:00:00Z', 14],
  ['America/Los_Angeles', '0000-01-01T00:00:00Z', -(7 * HOUR + 52 * 60 + 58) / HOUR],
  ['America/Los_Angeles', '9999-12-31T23:59:59Z', -8],
])('[AGR-12] knows how far %s is from UTC at %s', (timeZone, at, hours) => {
  expect(offsetAt(seconds(at), timeZone)).toBe(hours * HOUR)
})

it.each([
  ['America/Los_Angeles', '2026-02-12T05:00:00Z', '2026-02-11T21:00:00-08:00'],
  ['Asia/Kathmandu', '2026-02-12T05:00:00Z', '2026-02-12T10:45:00+05:45'],
  ['America/St_Johns', '2026-02-12T05:00:00Z', '2026-02-12T01:30:00-03:30'],
  ['UTC', '2026-02-12T05:00:00Z', '2026-02-12T05:00:00+00:00'],
  // 7 h 52 min 58 s behind, before there were zones.
  ['America/Los_Angeles', '1850-01-01T12:00:00Z', '1850-01-01T04:07:00-07:53'],
  ['Pacific/Kiritimati', '9999-12-31T20:00:00Z', '9999-12-31T20:00:00Z'],
  ['America/Los_Angeles', '0000-01-01T00:00:00Z', '0000-01-01T00:00:00Z'],
])('[AGR-12] writes an instant in %s: %s is %s', (timeZone, at, written) => {
  expect(zonedInstant(seconds(at), timeZone)).toBe(written)
  expect(seconds(written)).toBe(seconds(at))
})

it('[AGR-12] keeps an instant within the years that can be written', () => {
  const [first, last] = [seconds('0000-01-01T00:00:00Z'), seconds('9999-12-31T23:59:59Z')]
  expect([first - 1, first, 0, last, last + 1].map(withinRange)).toEqual([first, first, 0, last, last])
})

it('[AGR-4] knows the day that the clocks of a zone show', () => {
  const day = seconds('2026-02-11T00:00:00Z') / DAY
  expect(localDay(seconds('2026-02-12T07:59:59Z'), 'America/Los_Angeles')).toBe(day)
  expect(localDay(seconds('2026-02-12T08:00:00Z'), 'America/Los_Angeles')).toBe(day + 1)
})

describe('[AGR-5] the first instant at which clocks show a time or a later one', () => {
  it('is one that shows this time, where one does', () => {
    fc.assert(
      fc.property(moment, zone, (at, timeZone) => {
        const shown = at + offsetAt(at, timeZone)
        const found = firstShowing(Math.floor(shown / DAY), shown - Math.floor(shown / DAY) * DAY, timeZone)
        expect(found).toBeLessThanOrEqual(at)
        expect(found + offsetAt(found, timeZone)).toBe(shown)
      }),
    )
  })

  it('is never earlier for a later time', () => {
    fc.assert(
      fc.property(moment, zone, fc.integer({ min: 0, max: 2 * DAY }), (at, timeZone, more) => {
        const day = Math.floor(at / DAY)
        const from = at - day * DAY
        expect(firstShowing(day, from + more, timeZone)).toBeGreaterThanOrEqual(
          firstShowing(day, from, timeZone),
        )
      }),
    )
  })

  it.each([
    ['America/Los_Angeles', '2026-03-08T01:59:59Z', '2026-03-08T01:59:59-08:00'],
    ['America/Los_Angeles', '2026-03-08T02:00:00Z', '2026-03-08T03:00:00-07:00'],
    ['America/Los_Angeles', '2026-03-08T02:30:00Z', '2026-03-08T03:00:00-07:00'],
    ['America/Los_Angeles', '2026-03-08T03:00:01Z', '2026-03-08T03:00:01-07:00'],
    ['America/Los_Angeles', '2026-11-01T01:00:00Z', '2026-11-01T01:00:00-07:00'],
    ['America/Los_Angeles', '2026-11-01T01:59:59Z', '2026-11-01T01:59:59-07:00'],
    ['America/Los_Angeles', '2026-11-01T02:00:00Z', '2026-11-01T02:00:00-08:00'],
    // At midnight.
    ['America/Santiago', '2026-09-06T00:00:00Z', '2026-09-06T01:00:00-03:00'],
    ['Pacific/Apia', '2011-12-30T12:00:00Z', '2011-12-31T00:00:00+14:00'],
    ['Pacific/Apia', '2011-12-31T00:00:00Z', '2011-12-31T00:00:00+14:00'],
  ])('is in %s, for the clock of %s, %s', (timeZone, clock, instant) => {
    const day = Math.floor(seconds(clock) / DAY)
    expect(zonedInstant(firstShowing(day, seconds(clock) - day * DAY, timeZone), timeZone)).toBe(instant)
  })
})
