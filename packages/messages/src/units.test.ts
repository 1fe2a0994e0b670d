import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  preferredUnits,
  storedAsTyped,
  toShown,
  toShownRange,
  toStored,
  type Unit,
  UNIT_SYSTEMS,
  typedText,
  typedValue,
  withTypedUnit,
} from './units.ts'

const UNITS = ['kph', 'celsius', 'percent', 'hours', 'minutes'] as const satisfies readonly Unit[]
const anyUnit = fc.constantFrom(...UNITS)
const anySystem = fc.constantFrom(...UNIT_SYSTEMS)
/** As a person types it: up to four digits behind the point. */
const anyTyped = fc
  .record({ whole: fc.integer({ min: -2_000_000, max: 2_000_000 }), digits: fc.integer({ min: 0, max: 4 }) })
  .map(({ whole, digits }) => Number((whole / 10 ** digits).toFixed(digits)))

describe('the units of a region', () => {
  it.each([
    [['en-US', 'en'], 'us'],
    [['es-us'], 'us'],
    [['es_US'], 'us'],
    [['en-Latn-US'], 'us'],
    [['en-GB', 'en-US'], 'metric'],
    [['es-AR'], 'metric'],
    [['en', 'en-US'], 'us'],
    [['en'], 'metric'],
    [[], 'metric'],
  ] as const)('[APP-62] of %j are %s', (wanted, units) => {
    expect(preferredUnits(wanted)).toBe(units)
  })
})

describe('a value with a unit', () => {
  it.each([
    ['kph', 12, 7.5],
    ['kph', 0, 0],
    ['celsius', 35, 95],
    ['celsius', -40, -40],
    ['celsius', 31.3, 88.34],
    ['percent', 85, 85],
  ] as const)('[APP-62] %s %d is shown as %d in US units', (unit, stored, shown) => {
    expect(toShown(unit, stored, 'us')).toBe(shown)
    expect(toShown(unit, stored, 'metric')).toBe(stored)
  })

  it('[APP-62] that was typed in US units is rounded in metric ones', () => {
    expect(toShown('celsius', toStored('celsius', 92, 'us'), 'metric')).toBe(33.3)
    expect(toShown('kph', toStored('kph', 10, 'us'), 'us')).toBe(10)
    expect(toShown('kph', 16.093_44, 'metric')).toBe(16.1)
    expect(toShown('hours', 1 / 3, 'metric')).toBe(1 / 3)
  })

  it('[APP-62] that was typed in any system is shown there as it was typed', () => {
    fc.assert(
      fc.property(anyUnit, anySystem, anyTyped, (unit, system, typed) => {
        expect(toShown(unit, toStored(unit, typed, system), system)).toBe(typed)
      }),
      { numRuns: 2_000 },
    )
  })

  it('[APP-62] is shown within half of the last shown digit of what it is', () => {
    fc.assert(
      fc.property(anyUnit, fc.double({ min: -80, max: 400, noNaN: true }), (unit, stored) => {
        const again = toStored(unit, toShown(unit, stored, 'us'), 'us')
        expect(Math.abs(again - stored)).toBeLessThanOrEqual(0.05 * 1.61 + 1e-6)
      }),
    )
  })

  it('[APP-62] has bounds that keep the contract', () => {
    const bounds = fc.tuple(fc.integer({ min: -80, max: 80 }), fc.integer({ min: 81, max: 300 }))
    fc.assert(
      fc.property(anyUnit, anySystem, bounds, (unit, system, [min, max]) => {
        const shown = toShownRange(unit, { min, max }, system)
        expect(toStored(unit, shown.min, system)).toBeGreaterThanOrEqual(min)
        expect(toStored(unit, shown.max, system)).toBeLessThanOrEqual(max)
      }),
    )
    expect(toShownRange('kph', { min: 0, max: 120 }, 'us')).toEqual({ min: 0, max: 74.5 })
    expect(toShownRange('celsius', { min: -30, max: 70 }, 'us')).toEqual({ min: -22, max: 158 })
  })
})

describe('a typed text', () => {
  it.each(['12', '12.', '12,5', 'much', ' 8 ', '-', '4.0'])('[APP-62] %j stays as it was typed', (text) => {
    for (const system of UNIT_SYSTEMS) {
      expect(typedText('kph', withTypedUnit('kph', text, system), system)).toBe(text)
    }
  })

  it('[APP-62] means the same after the units were changed', () => {
    const typed = withTypedUnit('celsius', '95', 'us')
    expect(typedValue('celsius', typed)).toBe(35)
    expect(typedText('celsius', typed, 'metric')).toBe('35')
    expect(typedText('kph', '12', 'us')).toBe('7.5')
    expect(typedText('kph', '', 'us')).toBe('')
  })

  it('[APP-62] is its number in the unit of the contract, or none', () => {
    fc.assert(
      fc.property(anyUnit, anySystem, anyTyped, (unit, system, number) => {
        const typed = withTypedUnit(unit, String(number), system)
        expect(typedValue(unit, typed)).toBe(toStored(unit, number, system))
      }),
    )
    expect(typedValue('kph', withTypedUnit('kph', 'much', 'us'))).toBeNaN()
    expect(typedValue('kph', '')).toBeNaN()
  })

  it('[APP-62] of a stored value is the value itself, and short for a person of any system', () => {
    fc.assert(
      fc.property(anyUnit, anySystem, anyTyped, (unit, system, number) => {
        const stored = toStored(unit, number, system)
        expect(typedValue(unit, storedAsTyped(unit, stored))).toBe(stored)
      }),
    )
    expect(storedAsTyped('kph', 19.312_128)).toBe('12 mph')
    expect(typedText('kph', storedAsTyped('kph', 19.312_128), 'metric')).toBe('19.3')
    expect(storedAsTyped('kph', 12.5)).toBe('12.5')
    expect(storedAsTyped('hours', 1 / 3)).toBe(String(1 / 3))
  })
})
