import { type Recommendation, RECOMMENDATION_STATUSES } from '@fieldsync/contracts'
import { mintId, recommendation, type RecommendationInput } from '@fieldsync/testkit'

import { editTime } from './edit-time.ts'
import type { Writer } from './stage.ts'
import { anyOf, once, weighted } from './weighted.ts'

const ON_STORED = {
  edit: 4,
  decide: 5,
  'edit and decide': 1,
  'the same': 2,
  'back to pending': 1,
  'move to another observation': 2,
}

const ACTIONS = ['Spray tonight.', 'Irrigate at dawn.', 'Wait for the wind.'] as const
const OLD_ID = 'rec_20260211_0001'

/**
 * A recommendation as a device might send it next.
 *
 * @param inThisBatch observations that go along, which it may rest on as well
 */
export function recommendationWrite(writer: Writer, inThisBatch: readonly string[]): RecommendationInput {
  const { rng, state } = writer
  const stored = once(rng, 3) ? undefined : anyOf(rng, [...state.recommendations.values()])
  return stored ? onStored(writer, stored.record) : newRecommendation(writer, inThisBatch)
}

function newRecommendation({ rng, state }: Writer, inThisBatch: readonly string[]): RecommendationInput {
  const known = [...state.observations.keys(), ...inThisBatch]
  const unknown = mintId('obs', rng, '2026-02-11T16:00:00Z')
  const observationId = once(rng, 6) ? unknown : (anyOf(rng, known) ?? unknown)
  const made = recommendation({ observationId, action: rng.pick<string>(ACTIONS) }, rng)
  if (once(rng, 6)) return { ...made, recommendationId: OLD_ID }
  return once(rng, 8) ? { ...made, status: rng.pick(['confirmed', 'rejected']) } : made
}

function onStored({ rng, state, now }: Writer, stored: Recommendation): RecommendationInput {
  const same: RecommendationInput = {
    ...stored,
    updatedAt: editTime(rng, stored.updatedAt ?? stored.generatedAt, now),
  }
  const status = rng.pick(RECOMMENDATION_STATUSES)
  switch (weighted(rng, ON_STORED)) {
    case 'edit':
      return { ...same, action: rng.pick<string>(ACTIONS) }
    case 'decide':
      return { ...same, status }
    case 'edit and decide':
      return { ...same, status, action: rng.pick<string>(ACTIONS) }
    case 'the same':
      return once(rng, 2) ? stored : same
    case 'back to pending':
      return { ...same, status: 'pending_confirmation' }
    case 'move to another observation':
      return { ...same, observationId: anyOf(rng, [...state.observations.keys()]) ?? stored.observationId }
  }
}
