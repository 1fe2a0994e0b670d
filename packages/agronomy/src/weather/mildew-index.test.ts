import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type HourlyTemperature, mildewIndex } from './mildew-index.ts'

const HOUR_MS = 3_600_000
/** Midnight by the sun at 120° west, eight hours behind. */
const TODAY = Date.parse('2026-06-11T08:00:00Z')
const LON = -121.7

type Day = readonly number[]

/** A day of 24 hours at 15 °C, some of them replaced from noon on. */
const day = (...hours: readonly number[]): Day => [
  ...new Array<number>(12).fill(15),
  ...hours,
  ...new Array<number>(12 - hours.length).fill(15),
]
const six = (celsius: number): Day => day(...new Array<number>(6).fill(celsius))
const WARM = six(25)
const COOL = day()
const HOT = day(25, 25, 25, 25, 25, 25, 35)
const HOT_ALONE = day(35, 36, 37)

/** Ten days, the newest last; those that are missing at the beginning are cool. */
function hoursOf(days: readonly Day[]): HourlyTemperature[] {
  const all = [...new Array<Day>(10 - days.length).fill(COOL), ...days]
  return all.flatMap((each, i) =>
    each.map((temperatureC, hour) => ({
      at: new Date(TODAY + ((i - 10) * 24 + hour) * HOUR_MS).toISOString(),
      temperatureC,
    })),
  )
}
const indexAfter = (...days: readonly Day[]): number | undefined =>
  mildewIndex(hoursOf(days), new Date(TODAY + 5 * HOUR_MS).toISOString(), LON)

describe('[AGR-20] the powdery-mildew index of Gubler and Thomas', () => {
  it.each([
    // The published example: each of the first three warm days in a row gives 20 points.
    { name: 'one warm day', days: [WARM], index: 20 },
    { name: 'two', days: [WARM, WARM], index: 40 },
    { name: 'three, which start an epidemic', days: [WARM, WARM, WARM], index: 60 },
    { name: 'two and a cool one', days: [WARM, WARM, COOL], index: 0 },
    { name: 'two, a cool one, and one', days: [WARM, WARM, COOL, WARM], index: 20 },
    // The published daily rules, from 60 on.
    { name: 'a fourth warm day', days: [WARM, WARM, WARM, WARM], index: 80 },
    { name: 'a cool day', days: [WARM, WARM, WARM, COOL], index: 50 },
    { name: 'a warm day with 35 °C', days: [WARM, WARM, WARM, HOT], index: 70 },
    {
      name: 'a hot day that was not warm: no more than 10 less',
      days: [WARM, WARM, WARM, HOT_ALONE],
      index: 50,
    },
    { name: 'no more than 100', days: [WARM, WARM, WARM, WARM, WARM, WARM, WARM], index: 100 },
    { name: '100 and a hot day', days: [WARM, WARM, WARM, WARM, WARM, HOT], index: 100 },
    { name: 'down from 100', days: [WARM, WARM, WARM, WARM, WARM, WARM, COOL], index: 90 },
    { name: 'no less than 0', days: [WARM, WARM, WARM, ...new Array<Day>(7).fill(COOL)], index: 0 },
    {
      name: 'an epidemic goes on from low',
      days: [WARM, WARM, WARM, ...new Array<Day>(6).fill(COOL), WARM],
      index: 20,
    },
    { name: 'heat before an epidemic', days: [HOT, HOT, HOT], index: 60 },
    { name: 'none', days: [], index: 0 },
  ])('is $index after $name', ({ days, index }) => {
    expect(indexAfter(...days)).toBe(index)
  })

  it.each([
    ['21.1 °C', six(21.1), 20],
    ['less than 21.1 °C', six(21.09), 0],
    ['29.4 °C', six(29.4), 20],
    ['more than 29.4 °C', six(29.41), 0],
    ['five hours in a row', day(25, 25, 25, 25, 25), 0],
    ['six hours with one between', day(25, 25, 25, 15, 25, 25, 25), 0],
    ['six hours after two others', day(25, 25, 15, 25, 25, 25, 25, 25, 25), 20],
  ])('takes %s as it should', (_, hours, index) => {
    expect(indexAfter(hours)).toBe(index)
  })

  it('counts 34.9 °C as no heat', () => {
    expect(indexAfter(WARM, WARM, WARM, day(25, 25, 25, 25, 25, 25, 34.9))).toBe(80)
  })

  it('leaves out the day that is not over, and what is older than ten days', () => {
    const extra = [...hoursOf([WARM]), { at: new Date(TODAY).toISOString(), temperatureC: 40 }]
    const older = new Array<number>(24).fill(25).map((temperatureC, hour) => ({
      at: new Date(TODAY + (hour - 11 * 24) * HOUR_MS).toISOString(),
      temperatureC,
    }))
    expect(mildewIndex([...older, ...extra], new Date(TODAY).toISOString(), LON)).toBe(20)
    // A minute before midnight the newest day is not over.
    expect(mildewIndex([...older, ...extra], new Date(TODAY - 60_000).toISOString(), LON)).toBe(0)
  })

  it.each([
    [4, 20],
    [5, undefined],
  ])('is with %i hours of a day missing %s', (missing, index) => {
    const hours = hoursOf([WARM, COOL]).filter((_, i) => i < 240 - missing)
    expect(mildewIndex(hours, new Date(TODAY).toISOString(), LON)).toBe(index === 20 ? 0 : index)
    const early = hoursOf([WARM]).filter((_, i) => i >= missing)
    expect(mildewIndex(early, new Date(TODAY).toISOString(), LON)).toBe(index)
  })

  it('is unknown without temperatures', () => {
    expect(mildewIndex([], new Date(TODAY).toISOString(), LON)).toBeUndefined()
  })

  it('does not take a missing hour for a warm one', () => {
    const hours = hoursOf([WARM]).filter(({ temperatureC }, i) => temperatureC !== 25 || i % 24 !== 14)
    expect(mildewIndex(hours, new Date(TODAY).toISOString(), LON)).toBe(0)
  })

  it('is between 0 and 100 and a multiple of ten, whatever the days', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(WARM, COOL, HOT, HOT_ALONE), { minLength: 10, maxLength: 10 }),
        (days) => {
          const index = indexAfter(...days) ?? -1
          expect(index >= 0 && index <= 100 && index % 10 === 0).toBe(true)
        },
      ),
    )
  })
})
