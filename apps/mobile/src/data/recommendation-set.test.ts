import { describe, expect, it } from 'vitest'

import { type RecommendationEntry, RecommendationSet } from './recommendation-set.ts'

const HOUR = 3_600_000

const entry = (id: string, changes: Partial<RecommendationEntry> = {}): RecommendationEntry => ({
  id,
  observationId: 'obs_1',
  playbookId: 'pbk_yolo_grape',
  playbookVersion: 3,
  weatherFeaturesId: 'wxf_20260211_none',
  generatedAt: 0,
  issue: 'powdery_mildew',
  severity: 'moderate',
  action: 'Apply sulfur.',
  startAt: HOUR,
  endAt: 2 * HOUR,
  riskFlags: [],
  status: 'pending_confirmation',
  recordStatus: 'synced',
  supersedes: null,
  ...changes,
})

describe('[APP-101] a set of recommendations', () => {
  it('follows a chain to its end', () => {
    const set = new RecommendationSet([
      entry('a'),
      entry('b', { supersedes: 'a', playbookVersion: 4 }),
      entry('c', { supersedes: 'b', playbookVersion: 5 }),
    ])
    expect([set.successorOf('a'), set.successorOf('b'), set.successorOf('c')]).toEqual(['c', 'c', null])
    expect(set.currentOf('obs_1').map(({ id }) => id)).toEqual(['c'])
  })

  it('lets one of a newer version of the playbook count where both rest on the same weather', () => {
    const set = new RecommendationSet([
      entry('own', { supersedes: 'a', generatedAt: 5 * HOUR, weatherFeaturesId: 'wxf_20260211_live' }),
      entry('server', { supersedes: 'a', playbookVersion: 4 }),
      entry('a'),
      entry('late', { observationId: 'obs_2', generatedAt: 9 * HOUR }),
      entry('newer', { observationId: 'obs_2', playbookVersion: 5 }),
    ])
    expect([set.successorOf('a'), set.successorOf('own'), set.successorOf('late')]).toEqual([
      'server',
      null,
      'newer',
    ])
    expect(set.currentOf('obs_1').map(({ id }) => id)).toEqual(['server', 'own'])
  })

  it('is not misled by what a record names: itself, another note’s, a circle', () => {
    const set = new RecommendationSet([
      entry('self', { supersedes: 'self', observationId: 'obs_1' }),
      entry('other', { supersedes: 'self', observationId: 'obs_2' }),
      entry('x', { supersedes: 'y', observationId: 'obs_3' }),
      entry('y', { supersedes: 'x', observationId: 'obs_3' }),
      entry('z', { supersedes: 'x', observationId: 'obs_4' }),
    ])
    expect(set.successorOf('self')).toBe(null)
    expect(set.currentOf('obs_2').map(({ id }) => id)).toEqual(['other'])
    expect(set.currentOf('obs_3')).toHaveLength(2)
  })

  it('lists what waits, the window that opens first in front, without what has passed or is replaced', () => {
    const set = new RecommendationSet([
      entry('late', { observationId: 'obs_1', startAt: 3 * HOUR, endAt: 4 * HOUR }),
      entry('soon', { observationId: 'obs_2' }),
      entry('past', { observationId: 'obs_3', endAt: 0 }),
      entry('done', { observationId: 'obs_4', status: 'confirmed' }),
      entry('old', { observationId: 'obs_5' }),
      entry('new', { observationId: 'obs_5', supersedes: 'old', startAt: 2 * HOUR, endAt: 3 * HOUR }),
    ])
    expect(set.open(HOUR / 2).map(({ id }) => id)).toEqual(['soon', 'new', 'late'])
  })
})
