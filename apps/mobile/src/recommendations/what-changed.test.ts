import { Recommendation } from '@fieldsync/contracts'
import { recommendation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { deviceZone } from '../data/workspace-zone.ts'
import { textsIn } from '../messages/messages.ts'
import { causeOf, whatChanged } from './what-changed.ts'

const NOW = Date.parse('2026-02-12T00:00:00Z')

const BEFORE = Recommendation.parse(
  recommendation({
    action: 'Apply sulfur.',
    playbookVersion: 3,
    weatherFeaturesId: 'wxf_20260211_demo_01',
    rationale: ['high_humidity_persistence'],
    riskFlags: [],
    timingWindow: {
      startAt: '2026-02-11T21:00:00-08:00',
      endAt: '2026-02-11T23:30:00-08:00',
      localTimezone: 'America/Los_Angeles',
      confidence: 0.85,
      drivers: ['inversionPresent=false', 'maxWindKph=12'],
    },
  }),
)

const after = (changes: Partial<Recommendation>): Recommendation => ({ ...BEFORE, ...changes })

const words = (next: Recommendation, language: 'en' | 'es' = 'en') =>
  whatChanged(textsIn(language, 'metric'), BEFORE, next, deviceZone(), NOW)

describe('[APP-103] what a successor says otherwise', () => {
  it('is nothing where it says the same', () => {
    expect(words(after({ generatedAt: '2026-02-12T00:00:00Z', playbookVersion: 4 }))).toEqual([])
  })

  it('names each fact that differs, before and after, and none that does not', () => {
    const { timingWindow } = BEFORE
    const next = after({
      timingWindow: { ...timingWindow, drivers: ['inversionPresent=false', 'maxWindKph=10'] },
    })
    expect(words(next)).toEqual([
      {
        name: 'What was considered',
        changes: [['The rule allows wind up to 12 km/h.', 'The rule allows wind up to 10 km/h.']],
      },
    ])
    expect(words(next, 'es')).toEqual([
      {
        name: 'Qué se tuvo en cuenta',
        changes: [['La regla permite viento de hasta 12 km/h.', 'La regla permite viento de hasta 10 km/h.']],
      },
    ])
  })

  it('says what to do and when, why, and what to be careful of', () => {
    const next = after({
      action: 'monitor',
      rationale: ['standard_timing'],
      riskFlags: ['low_confidence'],
      timingWindow: { ...BEFORE.timingWindow, endAt: '2026-02-12T00:30:00-08:00' },
    })
    expect(words(next).map(({ name }) => name)).toEqual(['What to do', 'Time window', 'Why', 'Cautions'])
    expect(words(next)[2]).toEqual({
      name: 'Why',
      changes: [
        ['Humidity stays high', null],
        [null, expect.any(String)],
      ],
    })
  })

  it('tells what has made it', () => {
    expect(causeOf(BEFORE, after({ playbookVersion: 4 }))).toBe('playbook')
    const { weatherFeaturesId } = Recommendation.parse(
      recommendation({ weatherFeaturesId: 'wxf_20260212_live_1' }),
    )
    expect(causeOf(BEFORE, after({ weatherFeaturesId }))).toBe('weather')
    expect(causeOf(BEFORE, after({ action: 'monitor' }))).toBe('note')
  })
})
