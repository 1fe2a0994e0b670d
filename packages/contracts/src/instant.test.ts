import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Instant, instantMicros } from './instant.ts'
import { seededRuns } from './testing/index.ts'

const accepted = (text: unknown) => Instant.safeParse(text).success

describe('Instant', () => {
  it.each([
    '2026-02-11T18:00:00Z',
    '2026-02-11t18:00:00z',
    '2026-02-11T18:00:00.5-08:00',
    '2026-02-11T18:00:00.123456789012+05:45',
    '2026-12-31T23:59:59-00:00',
    '2026-01-01T00:00:00+23:59',
    '2024-02-29T00:00:00Z',
    '2000-02-29T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999Z',
  ])('[SHP-4] %s names a moment', (text) => {
    expect(accepted(text)).toBe(true)
  })

  it.each([
    ['no offset', '2026-02-11T18:00:00'],
    ['no time', '2026-02-11'],
    ['no seconds', '2026-02-11T18:00Z'],
    ['a space between date and time', '2026-02-11 18:00:00Z'],
    ['no such leap day', '2026-02-29T00:00:00Z'],
    ['a century that is no leap year', '1900-02-29T00:00:00Z'],
    ['no such day', '2026-04-31T00:00:00Z'],
    ['day zero', '2026-01-00T00:00:00Z'],
    ['month zero', '2026-00-10T00:00:00Z'],
    ['month thirteen', '2026-13-10T00:00:00Z'],
    ['hour 24', '2026-02-11T24:00:00Z'],
    ['minute 60', '2026-02-11T18:60:00Z'],
    ['a leap second', '2026-12-31T23:59:60Z'],
    ['an offset of 24 hours', '2026-02-11T18:00:00+24:00'],
    ['an offset minute of 60', '2026-02-11T18:00:00+01:60'],
    ['an offset without a colon', '2026-02-11T18:00:00+0100'],
    ['an offset of hours only', '2026-02-11T18:00:00+01'],
    ['a zone name', '2026-02-11T18:00:00 PST'],
    ['an empty fraction', '2026-02-11T18:00:00.Z'],
    ['a comma fraction', '2026-02-11T18:00:00,5Z'],
    ['a year of five digits', '+12026-02-11T18:00:00Z'],
    ['a negative year', '-2026-02-11T18:00:00Z'],
    ['seconds since 1970', '1770832800'],
    ['a line break after it', '2026-02-11T18:00:00Z\n'],
    ['a space before it', ' 2026-02-11T18:00:00Z'],
    ['digits of another script', '٢٠٢٦-02-11T18:00:00Z'],
    ['a fraction without end', `2026-02-11T18:00:00.${'9'.repeat(100_000)}Z`],
    ['words', 'yesterday'],
    ['nothing', ''],
  ])('[SHP-4] %s is refused', (_, text) => {
    expect(accepted(text)).toBe(false)
  })

  it('[SHP-4] every millisecond of four-digit years is accepted as JavaScript writes it', () => {
    const anyDate = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(anyDate, (date) => accepted(date.toISOString())),
      seededRuns(),
    )
  })
})

describe('instantMicros', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['1970-01-01T00:00:00.000001Z', 1],
    ['1970-01-01T00:00:00.1Z', 100_000],
    ['1969-12-31T23:59:59.999999Z', -1],
    ['1969-12-31T23:59:59.25Z', -750_000],
    ['1970-01-01t01:00:00.000002+01:00', 2],
    ['1969-12-31T16:00:00-08:00', 0],
    ['2026-02-11T18:00:00.123456Z', 1_770_832_800_123_456],
  ])('[OBS-18] %s is %i microseconds since 1970', (text, micros) => {
    expect(instantMicros(text)).toBe(micros)
  })

  it('[OBS-18] digits beyond the microsecond are cut off, not rounded', () => {
    expect(instantMicros('1970-01-01T00:00:00.0000019999Z')).toBe(1)
    expect(instantMicros('1969-12-31T23:59:59.9999989999Z')).toBe(-2)
  })

  it('[OBS-18] orders as the moments do, whatever their offsets', () => {
    const moment = fc.record({
      millis: fc.integer({ min: Date.parse('1700-01-01'), max: Date.parse('2255-01-01') }),
      micros: fc.integer({ min: 0, max: 999 }),
      offset: fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }),
    })
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        const expected = Math.sign(a.millis - b.millis || a.micros - b.micros)
        expect(Math.sign(instantMicros(written(a)) - instantMicros(written(b)))).toBe(expected)
      }),
      seededRuns(),
    )
  })

  it.each(['', 'yesterday', '2026-02-30T00:00:00Z', '2026-02-11'])(
    '[SHP-4] %j throws, it is no instant',
    (text) => {
      expect(() => instantMicros(text)).toThrow(RangeError)
      expect(() => instantMicros(text)).toThrow(`not an instant: ${text}`)
    },
  )
})

function written({ millis, micros, offset }: { millis: number; micros: number; offset: number }): string {
  const local = new Date(millis + offset * 60_000).toISOString().slice(0, -1)
  const minutes = Math.abs(offset)
  const zone = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':')
  return `${local}${String(micros).padStart(3, '0')}${offset < 0 ? '-' : '+'}${zone}`
}
