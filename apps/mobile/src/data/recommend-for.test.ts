import { readFileSync } from 'node:fs'
import path from 'node:path'

import { NO_WEATHER } from '@fieldsync/agronomy'
import {
  type Issue,
  Observation,
  Playbook,
  Recommendation,
  type Severity,
  WeatherFeatures,
} from '@fieldsync/contracts'
import { observation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { type Facts, planFor, recommendFor } from './recommend-for.ts'

const STARTER = path.resolve(import.meta.dirname, '../../../../prisma/starter')
const starter = (name: string): unknown => JSON.parse(readFileSync(path.join(STARTER, name), 'utf8'))
const PLAYBOOK = Playbook.parse(starter('starter-playbook.json'))
const DEMO = WeatherFeatures.parse(starter('demo-weather.json'))
const NOW = Date.parse('2026-02-12T03:05:00Z')

const noteOf = (issue: Issue, severity: Severity = 'moderate') =>
  Observation.parse(
    observation({
      observationId: 'obs_20260211_01KH7XQ4TNE5GZ3V8W2M6RYB9C',
      createdAt: '2026-02-12T03:00:00Z',
      extraction: {
        crop: 'grape',
        fieldBlock: 'Block 7',
        issue,
        severity,
        symptoms: ['white powder on leaves'],
        observationTime: '2026-02-11T19:00:00-08:00',
      },
      normalization: { leafWetness: 'dry', windEstimateKph: 8 },
    }),
  )

const facts = (changes: Partial<Facts> = {}): Facts => ({
  note: noteOf('powdery_mildew'),
  playbooks: [PLAYBOOK],
  weather: DEMO,
  timeZone: 'America/Los_Angeles',
  now: NOW,
  ...changes,
})

const computed = (given: Facts): Recommendation => {
  const found = recommendFor(given)
  if (!found.ok) throw new Error(found.reason)
  return Recommendation.parse(found.recommendation)
}

const newVersion = (maxWindKph: number): Playbook =>
  Playbook.parse({
    ...PLAYBOOK,
    version: PLAYBOOK.version + 1,
    rules: {
      ...PLAYBOOK.rules,
      rule_pm_moderate: {
        ...PLAYBOOK.rules['rule_pm_moderate' as keyof typeof PLAYBOOK.rules],
        constraints: { maxWindKph, avoidInversion: true },
      },
    },
  })

const none = () => false

describe('a recommendation for a note', () => {
  it('[APP-98] is the one of the known answer', () => {
    const { timingWindow, rationale, riskFlags, weatherFeaturesId } = computed(facts())
    expect(timingWindow).toMatchObject({
      startAt: '2026-02-11T21:00:00-08:00',
      endAt: '2026-02-11T23:30:00-08:00',
      confidence: 0.85,
    })
    expect({ rationale, riskFlags, weatherFeaturesId }).toEqual({
      rationale: ['high_humidity_persistence'],
      riskFlags: [],
      weatherFeaturesId: DEMO.weatherFeaturesId,
    })
  })

  it('[APP-98] is the same record on two devices, and another one with other weather', () => {
    const here = computed(facts())
    const there = computed(facts({ now: NOW + 60_000 }))
    expect(there.recommendationId).toBe(here.recommendationId)
    const without = computed(facts({ weather: null }))
    expect(without.recommendationId).not.toBe(here.recommendationId)
    expect(without).toMatchObject({
      weatherFeaturesId: NO_WEATHER.weatherFeaturesId,
      riskFlags: ['weather_data_missing'],
    })
  })

  it.each([
    ['other_issue', { note: noteOf('other') }],
    ['no_playbook', { playbooks: [] }],
    ['no_rule', { playbooks: [{ ...PLAYBOOK, rules: {} }] }],
  ] as const)('[APP-98] says why there is none: %s', (reason, changes) => {
    expect(recommendFor(facts(changes))).toEqual({ ok: false, reason })
    expect(planFor(facts(changes), 'note', null, none)).toEqual({ kind: 'none', reason })
  })
})

describe('what becomes of a recommendation', () => {
  const current = computed(facts())

  it('[APP-98] a note without one gets one, and keeps one that is there', () => {
    expect(planFor(facts(), 'missing', null, none)).toEqual({ kind: 'save', recommendation: current })
    expect(planFor(facts(), 'missing', null, () => true)).toEqual({ kind: 'keep' })
    expect(planFor(facts({ now: NOW + 1 }), 'note', current, none)).toEqual({ kind: 'keep' })
    expect(planFor(facts({ note: noteOf('heat_stress') }), 'missing', current, none)).toEqual({
      kind: 'keep',
    })
  })

  it('[APP-98] a note that says something else has its recommendation changed, under the same id', () => {
    const note = noteOf('powdery_mildew', 'high')
    const plan = planFor(facts({ note }), 'note', { ...current, supersedes: current.recommendationId }, none)
    expect(plan).toMatchObject({
      kind: 'save',
      recommendation: {
        recommendationId: current.recommendationId,
        severity: 'high',
        supersedes: current.recommendationId,
        status: 'pending_confirmation',
      },
    })
    expect(plan).toHaveProperty('basedOn.severity', 'moderate')
  })

  it.each(['confirmed', 'rejected'] as const)('[APP-99] what is %s is never changed', (status) => {
    const note = noteOf('heat_stress')
    for (const cause of ['note', 'weather', 'missing'] as const)
      expect(planFor(facts({ note, weather: null }), cause, { ...current, status }, none)).toEqual({
        kind: 'keep',
      })
  })

  it('[APP-102] other weather makes a successor where it says something else, while the window is open', () => {
    const dry: WeatherFeatures = {
      ...DEMO,
      weatherFeaturesId: WeatherFeatures.shape.weatherFeaturesId.parse('wxf_20260212_live_01'),
      humidityLayering: 'uniform_dry',
      sourceMode: 'live',
    }
    const plan = planFor(facts({ weather: dry }), 'weather', current, none)
    expect(plan).toMatchObject({
      kind: 'save',
      recommendation: {
        supersedes: current.recommendationId,
        weatherFeaturesId: dry.weatherFeaturesId,
        rationale: ['standard_timing'],
      },
    })
    expect(plan).not.toHaveProperty('basedOn')
    const keep = { kind: 'keep' }
    expect(planFor(facts({ weather: null }), 'weather', current, none)).toEqual(keep)
    const same = { ...DEMO, weatherFeaturesId: dry.weatherFeaturesId }
    expect(planFor(facts({ weather: same }), 'weather', current, none)).toEqual(keep)
    const after = Date.parse(current.timingWindow.endAt)
    expect(planFor(facts({ weather: dry, now: after }), 'weather', current, none)).toEqual(keep)
    expect(planFor(facts({ weather: dry }), 'weather', current, () => true)).toEqual(keep)
  })

  it('[APP-98] a note that is saved after its playbook has changed gets a successor', () => {
    const plan = planFor(facts({ playbooks: [newVersion(10)] }), 'note', current, none)
    expect(plan).toMatchObject({
      kind: 'save',
      recommendation: { playbookVersion: 4, supersedes: current.recommendationId },
    })
    expect(plan).toHaveProperty(
      'recommendation.timingWindow.drivers',
      expect.arrayContaining([expect.stringMatching(/^maxWindKph=10/)]),
    )
  })
})
