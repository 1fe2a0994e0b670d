import { instantMicros } from '@fieldsync/contracts'
import fc from 'fast-check'
import { expect, it } from 'vitest'

import { compareWrites, MAX_CLOCK_LEAD_MICROS, writeTimeMicros } from './time.ts'

const NOW = instantMicros('2026-02-11T19:00:00Z')

it('[OBS-18] the time of a write is its updatedAt, else that of the request', () => {
  const requestedAt = '2026-02-11T18:30:00Z'
  expect(writeTimeMicros({ updatedAt: '2026-02-11T18:00:00Z' }, requestedAt, NOW)).toBe(NOW - 3_600_000_000)
  expect(writeTimeMicros({}, requestedAt, NOW)).toBe(NOW - 1_800_000_000)
})

it('[OBS-18] digits beyond microseconds are cut off', () => {
  const at = (updatedAt: string) => writeTimeMicros({ updatedAt }, '2026-02-11T18:00:00Z', NOW)
  expect(at('2026-02-11T18:00:00.0000019Z')).toBe(at('2026-02-11T18:00:00.000001Z'))
  expect(at('2026-02-11T18:00:00.000002Z')).toBe(at('2026-02-11T18:00:00.000001Z') + 1)
})

it.each([
  ['exactly five minutes ahead', '2026-02-11T19:05:00Z', 300_000_000],
  ['a microsecond more', '2026-02-11T19:05:00.000001Z', 300_000_000],
  ['years ahead', '2099-01-01T00:00:00Z', 300_000_000],
])('[OBS-19] %s counts as at most now + 5 minutes', (_, updatedAt, lead) => {
  expect(writeTimeMicros({ updatedAt }, updatedAt, NOW)).toBe(NOW + lead)
  expect(writeTimeMicros({}, updatedAt, NOW)).toBe(NOW + lead)
})

it('[OBS-19] never exceeds the lead and never moves a time of the past', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }), (date) => {
      const time = writeTimeMicros({ updatedAt: date.toISOString() }, '2026-02-11T18:00:00Z', NOW)
      expect(time).toBe(Math.min(date.getTime() * 1000, NOW + MAX_CLOCK_LEAD_MICROS))
    }),
  )
})

it('[OBS-18, OBS-19] writes are ordered by their time, and those limited to one instant by their `updatedAt`', () => {
  const write = (updatedAt: string | undefined, requestedAt = '2026-02-11T18:00:00Z') => {
    const record = { updatedAt }
    return { record, timeMicros: writeTimeMicros(record, requestedAt, NOW) }
  }
  const moved = { ...write('2026-02-11T17:00:00Z'), timeMicros: NOW + MAX_CLOCK_LEAD_MICROS }
  const inOrder = [
    [write('2026-02-11T17:59:59.999999Z')],
    // Without a time of its own a write has that of the request.
    [write('2026-02-11T18:00:00Z'), write(undefined)],
    [write('2026-02-11T19:04:59Z')],
    // A draft's time may have been updated past its `updatedAt` since (OBS-22).
    [write('2026-02-11T19:05:00Z'), moved, write(undefined, '2027-01-01T00:00:00Z')],
    [write('2026-02-11T19:05:00.000001Z')],
    [write('2099-01-01T00:00:00Z')],
  ].flatMap((equal, rank) => equal.map((each) => ({ each, rank })))
  for (const a of inOrder) {
    for (const b of inOrder) expect(Math.sign(compareWrites(a.each, b.each))).toBe(Math.sign(a.rank - b.rank))
  }
})
