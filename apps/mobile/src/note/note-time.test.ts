import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { instantOf, localText, shownTime } from './note-time.ts'

const ZONES = ['America/Los_Angeles', 'America/Argentina/Mendoza', 'Asia/Kolkata'] as const

/** Every quarter of an hour of the days around both changes of the clock in Los Angeles. */
const INSTANTS = ['2026-03-07T12:00:00Z', '2026-10-31T12:00:00Z'].flatMap((first) =>
  Array.from({ length: 192 }, (_, quarter) => new Date(Date.parse(first) + quarter * 900_000).toISOString()),
)

/** A clock at the wall, by the platform's own formatter. */
const wallClock = (at: string, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(
    Date.parse(at),
  )

describe.each(ZONES)('the time of a note on a phone in %s', (zone) => {
  const before = process.env['TZ']
  beforeEach(() => {
    process.env['TZ'] = zone
  })
  afterEach(() => {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  })

  it('[APP-11, APP-63] is what the clock at the wall shows, and means the instant again when it is typed', () => {
    const wrong = INSTANTS.filter((at) => {
      const text = localText(at)
      const again = instantOf(text)
      return text !== wallClock(at, zone) || again === null || localText(again) !== text
    })
    expect(wrong).toEqual([])
  })

  it('[APP-11] keeps its instant, seconds included, while nobody types another one', () => {
    for (const at of ['2026-06-14T17:05:33.250Z', '2026-11-01T09:30:00.000Z', '2026-06-14T22:35:33+05:30'])
      expect([instantOf(at), shownTime(at)]).toEqual([at, localText(at)])
  })

  it('[APP-11] is none for what no calendar and no clock has', () => {
    const none = ['2026-06-31 10:00', '2026-02-29 10:00', '2026-06-14 24:00', '2026-06-14 10:60', '10:00', '']
    expect(none.map(instantOf)).toEqual(none.map(() => null))
    expect(none.map(shownTime)).toEqual(none)
  })
})

it('[APP-11] a time that the clock leaves out in spring is none, and of one that it shows twice the first is meant', () => {
  const before = process.env['TZ']
  process.env['TZ'] = 'America/Los_Angeles'
  try {
    expect(instantOf('2026-03-08 02:30')).toBeNull()
    expect(instantOf('2026-11-01 01:30')).toBe('2026-11-01T08:30:00.000Z')
  } finally {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  }
})
