import { readFileSync } from 'node:fs'

import { Observation, Playbook, RecommendationId, WeatherFeatures } from '@fieldsync/contracts'
import { observation } from '@fieldsync/contracts/testing'

import type { RecommendInput } from '../recommend.ts'
import { NO_WEATHER } from '../weather/no-weather.ts'

type Members = Readonly<Record<string, unknown>>

/** What a case expects; what it leaves out is not compared. */
export type Expected = {
  readonly refusal?: string
  readonly action?: string
  readonly window?: readonly [string, string]
  readonly rationale?: readonly string[]
  readonly confidence?: number
  readonly riskFlags?: readonly string[]
  readonly drivers?: readonly string[]
  /** Some of the drivers. */
  readonly 'drivers+'?: readonly string[]
}

type Case = {
  readonly title: string
  /** Over a moderate powdery-mildew note with wind 8, of 2026-02-11T19:00:00-08:00. */
  readonly note: Members
  /** Over the starter playbook's rule of the note's issue. */
  readonly rule?: Members
  /** Over the demo profile. */
  readonly weather?: Members | 'none'
  readonly timeZone?: string
  readonly expected: Expected
}

const json = (url: string): unknown => JSON.parse(readFileSync(new URL(url, import.meta.url), 'utf8'))

const STARTER = '../../../../prisma/starter'
const playbook = Playbook.parse(json(`${STARTER}/starter-playbook.json`))
const demoWeather = WeatherFeatures.parse(json(`${STARTER}/demo-weather.json`))

/** The table of known answers, each with all that {@link RecommendInput} needs. */
export const knownAnswers = (): { title: string; input: RecommendInput; expected: Expected }[] =>
  (json('./known-answers.json') as Case[]).map((each) => ({
    title: each.title,
    expected: each.expected,
    input: inputOf(each),
  }))

function inputOf({ note, rule = {}, weather = {}, timeZone = 'America/Los_Angeles' }: Case): RecommendInput {
  return {
    observation: noteWith(note),
    playbook: playbookWith(rule),
    weather: weather === 'none' ? NO_WEATHER : WeatherFeatures.parse({ ...demoWeather, ...weather }),
    timeZone,
    recommendationId: RecommendationId.parse('rec_20260211_0001'),
    generatedAt: '2026-02-12T03:00:01Z',
  }
}

/** The note of the known answers with other values. */
export function noteWith(values: Members): Observation {
  const made = observation()
  const { windEstimateKph = 8, temperatureC, notObserved, ...extraction } = values
  return Observation.parse({
    ...made,
    extraction: {
      ...made.extraction,
      issue: 'powdery_mildew',
      severity: 'moderate',
      observationTime: '2026-02-11T19:00:00-08:00',
      ...extraction,
    },
    normalization: {
      leafWetness: 'dry',
      windEstimateKph,
      ...(temperatureC === undefined ? {} : { temperatureC }),
    },
    ...(notObserved === undefined ? {} : { notObserved }),
  })
}

/** The starter playbook with other values in both of its rules. */
export const playbookWith = (values: Members): Playbook =>
  Playbook.parse({
    ...playbook,
    rules: Object.fromEntries(
      Object.entries(playbook.rules).map(([id, rule]) => [id, merged(rule, values)] as const),
    ),
  })

function merged(into: unknown, values: Members): unknown {
  const members = into as Members
  const changed = Object.entries(values).map(
    ([name, value]) => [name, isObject(value) ? merged(members[name] ?? {}, value) : value] as const,
  )
  return { ...members, ...Object.fromEntries(changed) }
}

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
