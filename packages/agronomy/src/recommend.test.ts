import { readFileSync } from 'node:fs'

import { Observation, Playbook, RecommendationId, WeatherFeatures } from '@fieldsync/contracts'
import { observation } from '@fieldsync/contracts/testing'
import { expect, it } from 'vitest'

import { recommend } from './recommend.ts'

const starter = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../prisma/starter/${name}.json`, import.meta.url), 'utf8'))

it('computes the known answer of the starter playbook', () => {
  const playbook = Playbook.parse(starter('starter-playbook'))
  const made = observation()
  const note = Observation.parse({
    ...made,
    extraction: {
      ...made.extraction,
      issue: 'powdery_mildew',
      severity: 'moderate',
      observationTime: '2026-02-11T19:00:00-08:00',
    },
    normalization: { ...made.normalization, windEstimateKph: 8 },
  })
  const result = recommend({
    observation: note,
    playbook,
    weather: WeatherFeatures.parse(starter('demo-weather')),
    timeZone: 'America/Los_Angeles',
    recommendationId: RecommendationId.parse('rec_20260211_0001'),
    generatedAt: '2026-02-12T03:00:01Z',
  })
  expect(result).toMatchObject({
    ok: true,
    ruleId: 'rule_pm_moderate',
    recommendation: {
      action: 'Apply sulfur-based contact spray in affected block.',
      rationale: ['high_humidity_persistence'],
      riskFlags: [],
      timingWindow: {
        confidence: 0.85,
        startAt: '2026-02-11T21:00:00-08:00',
        endAt: '2026-02-11T23:30:00-08:00',
        localTimezone: 'America/Los_Angeles',
      },
    },
  })
  expect(result.ok && result.recommendation.timingWindow.drivers).toContain('maxWindKph=12')
})
