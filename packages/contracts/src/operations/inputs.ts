import { z } from 'zod'

import { ObservationId, PatchId, PlaybookId, RecommendationId, WeatherFeaturesId } from '../ids.ts'

export const DEFAULT_PAGE_SIZE = 50
export const MAX_PAGE_SIZE = 500

const page = {
  limit: z.int().min(1).max(MAX_PAGE_SIZE).optional(),
  cursor: z.string().min(1).max(256).optional(),
}

/** A page of a list, newest first (OPS rules). */
export const PageInput = z.strictObject(page)
export type PageInput = z.infer<typeof PageInput>

export const NoInput = z.strictObject({})
export const ObservationInput = z.strictObject({ observationId: ObservationId })
export const CorrectionsInput = z.strictObject({ observationId: ObservationId, ...page })
export const RecommendationInput = z.strictObject({ recommendationId: RecommendationId })
export const RecommendationsInput = z.strictObject({ observationId: ObservationId.optional(), ...page })
export const PlaybookInput = z.strictObject({ playbookId: PlaybookId, version: z.int().min(1).optional() })
export const PatchInput = z.strictObject({ patchId: PatchId })
export const WeatherInput = z.strictObject({ weatherFeaturesId: WeatherFeaturesId })
export const AuditInput = z.strictObject({
  ...page,
  after: z
    .string()
    .regex(/^\d{1,15}(\.\d{1,6})?$/, 'must be an entry id, as 12.0')
    .optional(),
})
export type AuditInput = z.infer<typeof AuditInput>
