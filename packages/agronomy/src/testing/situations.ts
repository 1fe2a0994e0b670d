import {
  Observation,
  Playbook,
  type PlaybookRule,
  RecommendationId,
  WeatherFeatures,
} from '@fieldsync/contracts'
import { arbitraryOf } from '@fieldsync/contracts/testing'
import fc from 'fast-check'

import type { RecommendInput } from '../recommend.ts'
import { NO_WEATHER } from '../weather/no-weather.ts'
import { noteWith, playbookWith } from './known-answers.ts'

type Adjustment = PlaybookRule['timing']['weatherAdjustments'][number]

const ZONES = ['America/Los_Angeles', 'America/Argentina/Mendoza', 'Asia/Kathmandu', 'Australia/Lord_Howe']

// Around both changes of the clock in California and on Lord Howe, and all year.
const moment = fc
  .oneof(
    fc
      .integer({ min: 0, max: 365 * 24 * 60 })
      .map((minutes) => Date.parse('2026-01-01T00:00:00Z') + minutes * 60_000),
    fc
      .tuple(
        fc.constantFrom(
          '2026-03-08T10:00:00Z',
          '2026-11-01T09:00:00Z',
          '2026-04-04T15:00:00Z',
          '2026-10-03T15:30:00Z',
        ),
        fc.integer({ min: -30 * 60, max: 6 * 60 }),
      )
      .map(([change, minutes]) => Date.parse(change) + minutes * 60_000),
  )
  .map((at) => new Date(at).toISOString())

const severity = fc.constantFrom('low', 'moderate', 'high')
const note = fc
  .record({
    issue: fc.constantFrom('powdery_mildew', 'heat_stress'),
    severity,
    observationTime: moment,
    windEstimateKph: fc.integer({ min: 0, max: 25 }),
    temperatureC: fc.option(fc.integer({ min: 10, max: 45 }), { nil: undefined }),
    notObserved: fc.constantFrom(undefined, ['/normalization/windEstimateKph'], ['/normalization']),
  })
  .map(noteWith)

const score = fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100)
const condition: Readonly<Record<string, fc.Arbitrary<string>>> = {
  inversionPresent: fc.constantFrom('true', 'false'),
  humidityLayering: fc.constantFrom('dry_aloft_humid_surface', 'uniform_humid', 'uniform_dry', 'unknown'),
  windShearProxy: fc.constantFrom('low', 'moderate', 'high', 'unknown'),
}
const bound = fc
  .tuple(fc.constantFrom('<', '>', '<=', '>='), score)
  .map(([operator, limit]) => `${operator} ${limit}`)
const FEATURES = [
  'inversionPresent',
  'humidityLayering',
  'windShearProxy',
  'sprayWindowScore',
  'diseaseRiskScore',
  'heatStressScore',
] as const

/** An adjustment with a condition that some weather meets. */
export const adjustment: fc.Arbitrary<Adjustment> = fc.constantFrom(...FEATURES).chain((feature) =>
  fc.record({
    feature: fc.constant(feature),
    condition: condition[feature] ?? bound,
    shiftStartMinutes: fc.integer({ min: -120, max: 120 }),
    shiftEndMinutes: fc.integer({ min: -120, max: 120 }),
    rationaleTag: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  }),
)

/** An irrigation window by its minutes of the day; the second is after the first. */
export type Minutes = readonly [number, number]

export const windowText = (minutes: Minutes): string =>
  minutes
    .map((minute) => minute % 1440)
    .map((minute) =>
      [Math.floor(minute / 60), minute % 60].map((part) => `${part}`.padStart(2, '0')).join(':'),
    )
    .join('-')

export const minutes: fc.Arbitrary<Minutes> = fc
  .tuple(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 1, max: 600 }))
  .map(([from, length]) => [from, from + length] as const)

const constraints = fc.record(
  {
    maxWindKph: fc.integer({ min: 4, max: 30 }),
    avoidInversion: fc.boolean(),
    maxRelativeHumidityPct: fc.integer({ min: 40, max: 100 }),
    minHoursWithoutRain: fc.integer({ min: 0, max: 48 }),
    maxTemperatureC: fc.integer({ min: 15, max: 45 }),
  },
  { requiredKeys: ['maxWindKph'] },
)

const playbook = fc
  .record({
    severity,
    constraints,
    timing: fc.record({
      baseWindowHours: fc
        .tuple(fc.integer({ min: 0, max: 24 }), fc.integer({ min: 0, max: 12 }))
        .map(([startOffsetHours, length]) => ({
          startOffsetHours,
          endOffsetHours: startOffsetHours + length,
        })),
      weatherAdjustments: fc.array(adjustment, { maxLength: 4 }),
    }),
  })
  .map(playbookWith)

const weather = fc.oneof(
  { weight: 1, arbitrary: fc.constant(NO_WEATHER) },
  {
    weight: 6,
    arbitrary: arbitraryOf(WeatherFeatures).map((features) =>
      WeatherFeatures.parse({ ...features, sourceMode: 'live' }),
    ),
  },
)

const CALL = {
  recommendationId: RecommendationId.parse('rec_20260211_0001'),
  generatedAt: '2026-02-12T03:00:01Z',
}

/** What people meet: notes of the crop's issues, rules that make sense, and any weather. */
export const situation: fc.Arbitrary<RecommendInput> = fc.record({
  observation: note,
  playbook,
  weather,
  timeZone: fc.constantFrom(...ZONES),
  recommendationId: fc.constant(CALL.recommendationId),
  generatedAt: fc.constant(CALL.generatedAt),
})

/** All that the contract lets in. */
export const anything: fc.Arbitrary<RecommendInput> = fc
  .tuple(
    arbitraryOf(Observation),
    arbitraryOf(Playbook),
    arbitraryOf(WeatherFeatures),
    fc.constantFrom(...ZONES),
  )
  .map(([observation, rules, features, timeZone]) => ({
    observation: Observation.parse(observation),
    playbook: Playbook.parse(rules),
    weather: WeatherFeatures.parse(features),
    timeZone,
    ...CALL,
  }))
