import { instantMicros, Playbook, type PlaybookRule, Recommendation } from '@fieldsync/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { recommend, type RecommendInput } from './recommend.ts'
import { adjustment, anything, type Minutes, minutes, situation, windowText } from './testing/situations.ts'

/** The same situation with every rule changed. */
const withRules = (input: RecommendInput, change: (rule: PlaybookRule) => PlaybookRule): RecommendInput => {
  const rules = Object.entries(input.playbook.rules).map(([id, rule]) => [id, change(rule)] as const)
  return { ...input, playbook: Playbook.parse({ ...input.playbook, rules: Object.fromEntries(rules) }) }
}

const withConstraints = (
  input: RecommendInput,
  constraints: Partial<PlaybookRule['constraints']>,
): RecommendInput =>
  withRules(input, (rule) => ({ ...rule, constraints: { ...rule.constraints, ...constraints } }))

function recommended(input: RecommendInput): Recommendation {
  const result = recommend(input)
  if (!result.ok) throw new Error(result.refusal)
  return result.recommendation
}

const isMonitorOnly = ({ riskFlags }: Recommendation): boolean => riskFlags.includes('low_confidence')
const startOf = ({ timingWindow }: Recommendation): number => instantMicros(timingWindow.startAt)
const endOf = ({ timingWindow }: Recommendation): number => instantMicros(timingWindow.endAt)

/** By the clock on the wall, in microseconds: a window of the night of a change lasts an hour more or less. */
const clockLength = ({ timingWindow }: Recommendation): number =>
  instantMicros(timingWindow.endAt.replace(/[+-]\d\d:\d\d$/, 'Z')) -
  instantMicros(timingWindow.startAt.replace(/[+-]\d\d:\d\d$/, 'Z'))

it('[AGR-1, AGR-12] every answer for what the contract lets in is one of the contract', () => {
  fc.assert(
    fc.property(anything, (input) => {
      const result = recommend(input)
      if (!result.ok) return
      expect(Recommendation.parse(result.recommendation)).toEqual(result.recommendation)
      expect(input.playbook.rules[result.ruleId]?.issue).toBe(result.recommendation.issue)
    }),
  )
})

it('[AGR-1, AGR-10] every answer is of the contract, opens before it closes, and is confident or monitors', () => {
  fc.assert(
    fc.property(situation, (input) => {
      const found = recommended(input)
      expect(Recommendation.parse(found)).toEqual(found)
      expect(endOf(found)).toBeGreaterThanOrEqual(startOf(found))
      const { confidence, drivers } = found.timingWindow
      expect(isMonitorOnly(found)).toBe(confidence === 0.5)
      expect(isMonitorOnly(found)).toBe(found.action === 'monitor')
      expect(isMonitorOnly(found)).toBe(drivers.some((driver) => driver.startsWith('monitorOnly=')))
      expect(new Set(drivers).size).toBe(drivers.length)
    }),
  )
})

it('[AGR-1] the same inputs give the same bytes, whatever was computed in between', () => {
  fc.assert(
    fc.property(situation, situation, (input, other) => {
      const first = JSON.stringify(recommend(input))
      recommend(other)
      expect(JSON.stringify(recommend(structuredClone(input)))).toBe(first)
    }),
  )
})

it('[AGR-6] more adjustments never lose a tag', () => {
  const more = fc.array(adjustment, { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(situation, more, fc.nat(), (input, added, where) => {
      const before = recommended(input).rationale.filter((tag) => tag !== 'standard_timing')
      const after = recommended(
        withRules(input, (rule) => {
          const { weatherAdjustments } = rule.timing
          const at = where % (weatherAdjustments.length + 1)
          return {
            ...rule,
            timing: { ...rule.timing, weatherAdjustments: weatherAdjustments.toSpliced(at, 0, ...added) },
          }
        }),
      )
      expect(after.rationale).toEqual(expect.arrayContaining(before))
    }),
  )
})

describe('[AGR-4, AGR-5, AGR-7] a tighter constraint never widens a window', () => {
  it('a lower limit leaves the window, or withholds the action', () => {
    const less = fc.integer({ min: 0, max: 20 })
    fc.assert(
      fc.property(situation, less, less, less, fc.boolean(), (input, wind, humidity, heat, inversion) => {
        const loose = recommended(input)
        const tight = recommended(
          withRules(input, (rule) => {
            const {
              maxWindKph,
              maxRelativeHumidityPct = 100,
              maxTemperatureC = 70,
              avoidInversion,
            } = rule.constraints
            return {
              ...rule,
              constraints: {
                ...rule.constraints,
                maxWindKph: Math.max(0, maxWindKph - wind),
                maxRelativeHumidityPct: Math.max(0, maxRelativeHumidityPct - humidity),
                maxTemperatureC: maxTemperatureC - heat,
                ...(inversion ? { avoidInversion: true } : { avoidInversion }),
              },
            }
          }),
        )
        if (isMonitorOnly(tight)) return
        expect(isMonitorOnly(loose)).toBe(false)
        expect([startOf(tight), endOf(tight)]).toEqual([startOf(loose), endOf(loose)])
      }),
    )
  })

  it('a narrower irrigation window lies in the wider one, or is of another day and no longer by the clock', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    const within = ([from, until]: Minutes, one: number, other: number): Minutes => {
      const [first, last] = [Math.min(one, other), Math.max(one, other)].map((part) =>
        Math.round(from + part * (until - from)),
      )
      const start = Math.min(first ?? from, until - 1)
      return [start, Math.max(last ?? until, start + 1)]
    }
    fc.assert(
      fc.property(situation, minutes, share, share, (input, wide, one, other) => {
        const narrow = within(wide, one, other)
        const loose = recommended(withConstraints(input, { irrigationWindowLocal: windowText(wide) }))
        const tight = recommended(withConstraints(input, { irrigationWindowLocal: windowText(narrow) }))
        if (isMonitorOnly(tight)) return
        expect(isMonitorOnly(loose)).toBe(false)
        const isOfSameDay = startOf(tight) < endOf(loose) && startOf(loose) < endOf(tight)
        if (isOfSameDay) {
          expect(startOf(tight)).toBeGreaterThanOrEqual(startOf(loose))
          expect(endOf(tight)).toBeLessThanOrEqual(endOf(loose))
        } else expect(clockLength(tight)).toBeLessThanOrEqual(clockLength(loose))
      }),
      { numRuns: 300 },
    )
  })
})

it('[AGR-9] no weather is never a reason to withhold what the note allows', () => {
  fc.assert(
    fc.property(situation, (input) => {
      const found = recommended({ ...input, weather: undefined })
      expect(found.riskFlags).toContain('weather_data_missing')
      const reasons = found.timingWindow.drivers.filter((driver) => driver.startsWith('monitorOnly='))
      const ofTheNote = new Set([
        'monitorOnly=maxWindKph',
        'monitorOnly=maxTemperatureC',
        'monitorOnly=window',
      ])
      expect(reasons.filter((reason) => !ofTheNote.has(reason))).toEqual([])
    }),
  )
})
