import { expect, it } from 'vitest'

import { type RecommendationEntry, RecommendationSet } from '../data/recommendation-set.ts'
import { FILTERS, filtered } from './recommendations-filter.ts'

const entry = (id: string, changes: Partial<RecommendationEntry>): RecommendationEntry => ({
  id,
  observationId: `obs_of_${id}`,
  playbookId: 'pbk_yolo_grape',
  playbookVersion: 3,
  weatherFeaturesId: 'wxf_20260211_none',
  generatedAt: 0,
  issue: 'heat_stress',
  severity: 'high',
  action: 'Irrigate.',
  startAt: 10,
  endAt: 20,
  riskFlags: [],
  status: 'pending_confirmation',
  recordStatus: 'synced',
  supersedes: null,
  ...changes,
})

it('[APP-104] has each recommendation under one choice, and the open ones in the order of their windows', () => {
  const set = new RecommendationSet([
    entry('later', { startAt: 30, endAt: 40 }),
    entry('sooner', {}),
    entry('past', { startAt: 0, endAt: 5 }),
    entry('confirmed', { status: 'confirmed' }),
    entry('rejected', { status: 'rejected', startAt: 11 }),
    entry('old', { observationId: 'obs_1' }),
    entry('decided', { observationId: 'obs_2', status: 'confirmed', startAt: 5 }),
    entry('new', { observationId: 'obs_1', supersedes: 'old', startAt: 12 }),
    entry('next', { observationId: 'obs_2', supersedes: 'decided', startAt: 14 }),
  ])
  const ids = FILTERS.map((filter) => filtered(set, filter, 8).map(({ id }) => id))
  expect(ids).toEqual([
    ['sooner', 'new', 'next', 'later'],
    ['past'],
    ['rejected', 'confirmed', 'decided'],
    ['old'],
  ])
})
