import { instantMicros, Recommendation } from '@fieldsync/contracts'

import { canonicalRecord } from '../canonical.ts'
import type { StoredRecommendation } from '../rules/recommendation.ts'

/** A valid recommendation for the sample observation, with changes. */
export function recommendation(changes: Record<string, unknown> = {}): Recommendation {
  return Recommendation.parse({
    recommendationId: 'rec_20260211_0001',
    observationId: 'obs_20260211_0001',
    playbookId: 'pbk_yolo_grape',
    playbookVersion: 3,
    weatherFeaturesId: 'wxf_20260211_demo_01',
    generatedAt: '2026-02-11T18:05:00Z',
    issue: 'powdery_mildew',
    severity: 'moderate',
    action: 'Spray sulfur in block B7',
    rationale: ['Humid surface layer'],
    timingWindow: {
      startAt: '2026-02-11T20:00:00Z',
      endAt: '2026-02-12T00:00:00Z',
      localTimezone: 'America/Los_Angeles',
      confidence: 0.8,
      drivers: ['avoid_inversion'],
    },
    riskFlags: [],
    requiredConfirmation: true,
    status: 'pending_confirmation',
    ...changes,
  })
}

/** What the server stores after it accepted `record`, last written at its `updatedAt`. */
export function storedRecommendation(record: Recommendation): StoredRecommendation {
  return {
    canonical: canonicalRecord(record),
    timeMicros: instantMicros(record.updatedAt ?? record.generatedAt),
  }
}
