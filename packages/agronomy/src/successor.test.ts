import { Observation, Playbook, type Recommendation, RecommendationId } from '@fieldsync/contracts'
import { altered, observation, playbook } from '@fieldsync/contracts/testing'
import { expect, it } from 'vitest'

import { derivedRecommendationId } from './derived-id.ts'
import { readDriver } from './drivers.ts'
import { recommend } from './recommend.ts'
import { successorOf, type SuccessorInput, withSupersededStatus } from './successor.ts'
import { NO_WEATHER } from './weather/no-weather.ts'

const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'
const INSTRUCTIONS = '/rules/rule_heat_moderate/action/instructions'

const seen = observation()
const note = Observation.parse({
  ...seen,
  extraction: { ...seen.extraction, issue: 'powdery_mildew', severity: 'moderate' },
})
const third = Playbook.parse(playbook())
const version = (number: number, pointer: string, value: unknown): Playbook =>
  Playbook.parse({ ...(altered(third, pointer, value) as object), version: number })

const made = (by: Playbook, id = 'rec_20260211_0001'): Recommendation => {
  const result = recommend({
    observation: note,
    playbook: by,
    timeZone: 'America/Los_Angeles',
    recommendationId: RecommendationId.parse(id),
    generatedAt: '2026-02-11T18:00:00Z',
  })
  return result.ok ? result.recommendation : expect.fail(result.refusal)
}
const asked = (overrides: Partial<SuccessorInput> = {}): SuccessorInput => ({
  recommendation: made(third),
  observation: note,
  before: third,
  after: version(4, WIND, 11),
  weather: NO_WEATHER,
  timeZone: 'America/Los_Angeles',
  generatedAt: '2026-02-12T08:00:00.000Z',
  ...overrides,
})

it('[REC-16] a successor has the derived id, names the earlier one, and a time of its own', () => {
  const successor = successorOf(asked())
  expect(successor).toMatchObject({
    recommendationId: derivedRecommendationId({
      observationId: note.observationId,
      playbookId: third.playbookId,
      playbookVersion: 4,
      weatherFeaturesId: NO_WEATHER.weatherFeaturesId,
    }),
    supersedes: 'rec_20260211_0001',
    status: 'pending_confirmation',
    generatedAt: '2026-02-12T08:00:00.000Z',
    updatedAt: '2026-02-12T08:00:00.000Z',
  })
  expect(successor?.timingWindow.drivers).toContain('maxWindKph=11')
})

it('[REC-16] there is none where the rule is the same, whatever else differs', () => {
  const other = { ...made(third), action: 'By hand.' }
  const after = version(4, INSTRUCTIONS, 'Irrigate.')
  expect(successorOf(asked({ after, recommendation: other }))).toBeUndefined()
  // Unless nobody knows what the rule was.
  expect(successorOf(asked({ after, recommendation: other, before: undefined }))).toBeDefined()
})

it('[REC-16] there is none where nothing that matters differs, and where the version has no rule for it', () => {
  const after = version(4, WIND, 11)
  expect(successorOf(asked({ after, recommendation: made(after) }))).toBeUndefined()
  expect(successorOf(asked({ after: { ...after, rules: {} } }))).toBeUndefined()
})

it('[REC-16] without its own weather it rests on none', () => {
  expect(successorOf(asked({ weather: undefined }))).toEqual(successorOf(asked()))
})

function confirmed(successor: Recommendation): Recommendation {
  const said = withSupersededStatus(successor, 'confirmed')
  if (!said) throw new Error('it says so already')
  return said
}

it('[REC-21] what says how the one before was decided on goes on to the next, and is said once', () => {
  const marked = confirmed(made(third))
  expect(withSupersededStatus(marked, 'confirmed')).toBeUndefined()
  const drivers = successorOf(asked({ recommendation: marked }))?.timingWindow.drivers.map(readDriver) ?? []
  expect(drivers.filter(({ name }) => name === 'supersededStatus')).toEqual([
    { name: 'supersededStatus', value: 'confirmed', checked: true },
  ])
  // It alone makes no difference.
  const same = version(4, WIND, 11)
  expect(successorOf(asked({ after: same, recommendation: confirmed(made(same)) }))).toBeUndefined()
})
