import { Recommendation } from '@fieldsync/contracts'
import { recommendation } from '@fieldsync/contracts/testing'
import { expect, it } from 'vitest'

import { differences } from './differences.ts'

const before = Recommendation.parse({
  ...recommendation(),
  rationale: ['a', 'b'],
  riskFlags: ['high_drift_risk', 'low_confidence'],
  timingWindow: {
    startAt: '2026-02-11T21:00:00-08:00',
    endAt: '2026-02-11T23:30:00-08:00',
    localTimezone: 'America/Los_Angeles',
    confidence: 0.85,
    drivers: ['maxWindKph=12', 'windKph=8'],
  },
})
const window = (changes: Partial<Recommendation['timingWindow']>): Recommendation => ({
  ...before,
  timingWindow: { ...before.timingWindow, ...changes },
})

it.each([
  { what: ['action'], after: { ...before, action: 'monitor' } },
  { what: ['window'], after: window({ startAt: '2026-02-11T21:00:01-08:00' }) },
  { what: ['window'], after: window({ endAt: '2026-02-11T23:30:00-07:00' }) },
  { what: ['rationale'], after: { ...before, rationale: ['a'] } },
  { what: ['rationale'], after: { ...before, rationale: ['a', 'c'] } },
  { what: ['riskFlags'], after: { ...before, riskFlags: [] } },
  { what: ['drivers'], after: window({ drivers: ['maxWindKph=10', 'windKph=8'] }) },
  {
    what: ['action', 'window', 'rationale', 'riskFlags', 'drivers'],
    after: {
      ...window({ startAt: '2026-02-11T22:00:00-08:00', drivers: ['x'] }),
      action: 'monitor',
      rationale: ['c'],
      riskFlags: [],
    },
  },
] as { what: string[]; after: Recommendation }[])('[AGR-18] finds a change of $what', ({ what, after }) => {
  expect(differences(before, after)).toEqual(what)
  expect(differences(after, before)).toEqual(what)
})

it.each([
  ['itself', before],
  [
    'the same instants in another zone',
    window({ startAt: '2026-02-12T05:00:00Z', endAt: '2026-02-12T07:30:00.000Z' }),
  ],
  ['another confidence and zone', window({ confidence: 0.5, localTimezone: 'UTC' })],
  ['another order', { ...window({ drivers: ['windKph=8', 'maxWindKph=12'] }), rationale: ['b', 'a'] }],
  ['another version, id and status', { ...before, playbookVersion: 99, status: 'confirmed' }],
] as [string, Recommendation][])('[AGR-18] finds no change in %s', (_, after) => {
  expect(differences(before, after)).toEqual([])
})
