import { z } from 'zod'

import { ObservationId, PlaybookId, RecommendationId, WeatherFeaturesId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { innerArray, RequiredText, ShortText } from '../text.ts'
import { Issue, Severity, UnitInterval } from './field-terms.ts'

export const RECOMMENDATION_STATUSES = ['pending_confirmation', 'confirmed', 'rejected'] as const
export const RecommendationStatus = z.enum(RECOMMENDATION_STATUSES)
export type RecommendationStatus = z.infer<typeof RecommendationStatus>

export const RiskFlag = z.enum([
  'weather_data_missing',
  'high_drift_risk',
  'low_confidence',
  'manual_review_required',
])
export type RiskFlag = z.infer<typeof RiskFlag>

/** What to do about an observation and when, computed on the device from a playbook and weather features. Members in order as in Observation. */
export const Recommendation = z
  .strictObject({
    action: RequiredText,
    generatedAt: Instant,
    issue: Issue,
    observationId: ObservationId,
    playbookId: PlaybookId,
    playbookVersion: z
      .int()
      .min(1)
      .describe('The version it was computed from; never checked against the stored playbook'),
    rationale: innerArray(ShortText, 1),
    recommendationId: RecommendationId,
    requiredConfirmation: z.literal(true),
    riskFlags: innerArray(RiskFlag),
    severity: Severity,
    status: RecommendationStatus,
    supersedes: RecommendationId.optional(),
    timingWindow: z.strictObject({
      confidence: UnitInterval,
      drivers: innerArray(ShortText, 1),
      endAt: Instant,
      localTimezone: ShortText,
      startAt: Instant,
    }),
    updatedAt: Instant.optional(),
    weatherFeaturesId: WeatherFeaturesId,
  })
  .meta({ id: 'Recommendation' })
export type Recommendation = z.infer<typeof Recommendation>
