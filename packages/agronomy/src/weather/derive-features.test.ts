import { WeatherFeatures, WeatherFeaturesId } from '@fieldsync/contracts'
import { arbitraryOf } from '@fieldsync/contracts/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { deriveFeatures, type FeaturesInput } from './derive-features.ts'
import { heatStressScore } from './heat-stress.ts'

type Layer = FeaturesInput['layers'][number]

const layer = (altitudeM: number, values: Partial<Layer> = {}): Layer => ({
  altitudeM,
  temperatureC: 20,
  relativeHumidityPct: 60,
  windSpeedKph: 8,
  windDirectionDeg: 300,
  ...values,
})
const BASE = {
  weatherFeaturesId: WeatherFeaturesId.parse('wxf_20260611_live_1'),
  profileTime: '2026-06-11T18:00:00Z',
  location: { lat: 38.5, lon: -121.7 },
}
const from = (layers: readonly Layer[], more: Partial<FeaturesInput> = {}): WeatherFeatures =>
  deriveFeatures({ ...BASE, layers, ...more })

const temperatures = (...celsius: readonly number[]): Layer[] =>
  celsius.map((temperatureC, i) => layer(i * 50, { temperatureC }))

describe('[AGR-19] an inversion', () => {
  it.each([
    ['warmer 50 m up', temperatures(15, 16), true],
    ['as warm', temperatures(15, 15), false],
    ['warmer at 150 m', temperatures(18, 17, 16, 16.1), true],
    ['warmer at 200 m', temperatures(18, 17, 16, 15, 16), false],
    ['given from the top', temperatures(15, 16).toReversed(), true],
    ['one layer', temperatures(15), false],
    ['none', [], false],
  ])('%s', (_, layers, inversionPresent) => {
    expect(from(layers).inversionPresent).toBe(inversionPresent)
  })
})

const humid = (surface: number, top: number): Layer[] => [
  layer(0, { relativeHumidityPct: surface }),
  layer(100, { relativeHumidityPct: 1 }),
  layer(500, { relativeHumidityPct: top }),
]

it.each([
  [90, 69.9, 'dry_aloft_humid_surface'],
  [90, 70, 'unknown'],
  [90, 70.1, 'uniform_humid'],
  [70.1, 99, 'uniform_humid'],
  [70, 99, 'unknown'],
  [49.9, 49.9, 'uniform_dry'],
  [50, 49.9, 'unknown'],
  [49.9, 50, 'unknown'],
  [40, 10, 'dry_aloft_humid_surface'],
])('[AGR-19] humidity of %d at the surface and %d at the top is %s', (surface, top, humidityLayering) => {
  expect(from(humid(surface, top)).humidityLayering).toBe(humidityLayering)
})

const windy = (surface: number, top: number): Layer[] => [
  layer(0, { windSpeedKph: surface }),
  layer(100, { windSpeedKph: 99 }),
  layer(500, { windSpeedKph: top }),
]

it.each([
  [8, 12.9, 'low'],
  [12.9, 8, 'low'],
  [8, 13, 'moderate'],
  [22.9, 8, 'moderate'],
  [8, 23, 'high'],
])('[AGR-19] wind of %d at the surface and %d at the top is a shear that is %s', (surface, top, shear) => {
  expect(from(windy(surface, top)).windShearProxy).toBe(shear)
})

it.each([0, 1])('[AGR-19] of %i layers nothing can be compared', (count) => {
  expect(from([layer(0)].slice(0, count))).toMatchObject({
    inversionPresent: false,
    humidityLayering: 'unknown',
    windShearProxy: 'unknown',
    sprayWindowScore: 1,
  })
})

it.each([
  ['nothing', {}, {}, 1],
  ['an inversion', {}, { temperatureC: 21 }, 0.7],
  ['uniform humidity', { relativeHumidityPct: 80 }, { relativeHumidityPct: 75 }, 0.9],
  ['a dry top', { relativeHumidityPct: 80 }, { relativeHumidityPct: 30 }, 0.8],
  ['uniform dryness', { relativeHumidityPct: 30 }, { relativeHumidityPct: 30 }, 1],
  ['moderate shear', {}, { windSpeedKph: 20 }, 0.9],
  ['high shear', {}, { windSpeedKph: 30 }, 0.7],
  [
    'everything',
    { relativeHumidityPct: 80 },
    { temperatureC: 21, relativeHumidityPct: 30, windSpeedKph: 30 },
    0.2,
  ],
])('[AGR-19] spraying with %s', (_, surface, top, score) => {
  expect(from([layer(0, surface), layer(100, top)]).sprayWindowScore).toBe(score)
})

const at = (iso: string, temperatureC: number) => ({ at: iso, temperatureC })

describe('[AGR-21] heat stress', () => {
  it.each([
    [-20, 0],
    [30, 0],
    [31, 0.1],
    [32.5, 0.25],
    [35, 0.5],
    [37, 0.7],
    [37.1, 0.71],
    [40, 1],
    [48, 1],
  ])('at %d °C is %d', (celsius, score) => {
    expect(from([layer(0, { temperatureC: celsius }), layer(80)]).heatStressScore).toBe(score)
  })

  it('is the lowest layer’s, or that of the hottest hour of the last day', () => {
    const hours = [
      at('2026-06-10T18:00:00Z', 45),
      at('2026-06-10T18:00:01Z', 37),
      at('2026-06-11T18:00:00Z', 36),
      at('2026-06-11T18:00:01Z', 45),
    ]
    expect(
      from([layer(0), layer(900, { temperatureC: 44 })], { surfaceTemperatures: hours }).heatStressScore,
    ).toBe(0.7)
    expect(from([], { surfaceTemperatures: hours.slice(2) }).heatStressScore).toBe(0.6)
    expect(from([layer(0, { temperatureC: 39 })], { surfaceTemperatures: hours }).heatStressScore).toBe(0.9)
  })

  it('is 0 where no temperature is known', () => {
    expect(from([]).heatStressScore).toBe(0)
  })

  it('never falls as it gets hotter', () => {
    const celsius = fc.double({ min: -80, max: 80, noNaN: true })
    fc.assert(
      fc.property(celsius, celsius, (one, other) => {
        const [cooler, hotter] = [Math.min(one, other), Math.max(one, other)]
        expect(heatStressScore(hotter)).toBeGreaterThanOrEqual(heatStressScore(cooler))
      }),
    )
  })
})

/** Eleven days that are warm at noon, by the hour. */
const WARM_HOURS = Array.from({ length: 11 * 24 }, (_, hour) =>
  at(
    new Date(Date.parse('2026-06-11T18:00:00Z') - hour * 3_600_000).toISOString(),
    (hour + 24) % 24 < 8 ? 24 : 15,
  ),
)

describe('[AGR-20] the disease risk', () => {
  it('is the index of ten days', () => {
    const features = from([layer(0)], { surfaceTemperatures: WARM_HOURS, notes: ['from a test'] })
    expect(features).toMatchObject({ diseaseRiskScore: 1, notes: ['from a test'] })
  })

  it('is 0 with a note where it is not known', () => {
    expect(from([layer(0)], { notes: ['cached'] })).toMatchObject({
      diseaseRiskScore: 0,
      notes: ['cached', 'disease_risk_unknown'],
    })
  })

  it('keeps its own note within the bounds of the contract', () => {
    const notes = Array.from({ length: 250 }, (_, i) => `note ${i}`)
    const features = from([], { notes })
    expect(features.notes).toHaveLength(200)
    expect(features.notes.at(-1)).toBe('disease_risk_unknown')
  })
})

it('[AGR-19] gives features of the contract, in the same bytes, for any layers in any order', () => {
  const { layers, location } = WeatherFeatures.shape
  const hours = fc.array(
    fc.record({
      at: fc.constantFrom(...WARM_HOURS.map((hour) => hour.at)),
      temperatureC: fc.double({ min: -80, max: 80, noNaN: true }),
    }),
    { maxLength: 50 },
  )
  fc.assert(
    fc.property(arbitraryOf(layers), arbitraryOf(location), hours, (some, place, surfaceTemperatures) => {
      const features = from(some, { location: place, surfaceTemperatures })
      expect(WeatherFeatures.parse(features)).toEqual(features)
      expect(features.sourceMode).toBe('live')
      const again = from(
        some.toSorted((a, b) => a.altitudeM - b.altitudeM),
        { location: place, surfaceTemperatures },
      )
      expect(JSON.stringify(again)).toBe(JSON.stringify(features))
    }),
    { numRuns: 50 },
  )
})
