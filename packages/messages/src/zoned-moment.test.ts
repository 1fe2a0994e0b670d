import { describe, expect, it } from 'vitest'

import { fromZoned, isSameClock, toZoned, zoneLabel, zoneNameOf } from './zoned-moment.ts'

const ZONES = [
  'America/Los_Angeles',
  'Europe/Berlin',
  'Asia/Kathmandu',
  'America/Argentina/Mendoza',
  'UTC',
  'Australia/Lord_Howe',
]

describe('the clock of a time zone', () => {
  it.each([
    ['America/Los_Angeles', '2026-02-11T10:00', '2026-02-11T18:00:00Z'],
    ['America/Los_Angeles', '2026-06-11T10:00', '2026-06-11T17:00:00Z'],
    ['Europe/Berlin', '2026-06-11T00:30', '2026-06-10T22:30:00Z'],
    ['Asia/Kathmandu', '2026-06-11T10:00', '2026-06-11T04:15:00Z'],
    // The hour that a clock shows twice, and the one that it leaves out.
    ['America/Los_Angeles', '2026-11-01T01:30', '2026-11-01T08:30:00Z'],
    ['America/Los_Angeles', '2026-03-08T02:30', '2026-03-08T10:30:00Z'],
  ])('[APP-45] in %s shows %s at %s', (zone, text, instant) => {
    expect(fromZoned(text, zone)).toBe(Date.parse(instant))
  })

  it.each(ZONES)('[APP-45] of %s leads back to the same text, on every day of a year', (zone) => {
    const wrong: string[] = []
    for (let day = 0; day < 366; day++) {
      const at = Date.UTC(2026, 0, 1, 15, 7) + day * 86_400_000
      const text = toZoned(at, zone)
      if (toZoned(fromZoned(text, zone), zone) !== text) wrong.push(text)
    }
    expect(wrong).toEqual([])
  })

  it('[APP-45] shows nothing for a text that is no moment', () => {
    for (const text of ['', 'bad', '2026-13-01T00:00']) expect(fromZoned(text, 'UTC')).toBeNaN()
  })

  it('[APP-63] has a label that says which zone and whether it is summer there', () => {
    const [winter, summer] = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)]
    expect(zoneLabel('en', 'America/Los_Angeles', winter)).toBe('America/Los_Angeles (PST)')
    expect(zoneLabel('es', 'America/Los_Angeles', summer)).toBe('America/Los_Angeles (PDT)')
    expect(zoneLabel('en', 'America/Argentina/Mendoza', summer)).toBe('America/Argentina/Mendoza (GMT-3)')
    expect(zoneLabel('en', 'UTC', summer)).toBe('UTC')
  })

  it('[APP-63] is the same as that of another zone where both show the same', () => {
    const [winter, summer] = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)]
    expect(isSameClock('America/Los_Angeles', 'US/Pacific', summer)).toBe(true)
    // Arizona has no summer time.
    expect(isSameClock('America/Los_Angeles', 'America/Phoenix', summer)).toBe(true)
    expect(isSameClock('America/Los_Angeles', 'America/Phoenix', winter)).toBe(false)
  })

  it('has a name in the language of the person', () => {
    expect(zoneNameOf('en', 'America/Los_Angeles')).toBe('Pacific Time')
    expect(zoneNameOf('es', 'America/Los_Angeles')).toBe('hora del Pacífico')
  })
})
