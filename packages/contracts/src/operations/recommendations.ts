import type { z } from 'zod'

import { Recommendation } from '../entities/recommendation.ts'
import { RecommendationId } from '../ids.ts'
import { lenient } from '../lenient.ts'
import { RequiredText } from '../text.ts'

/** A recommendation as a list shows it: with what else is stored about it (OPS-94). */
export const ListedRecommendation = lenient(Recommendation)
  .extend({
    fieldBlock: RequiredText.optional().describe('Of the observation, where it was observed'),
    replacedBy: RecommendationId.optional().describe(
      'The one that takes its place (REC-20); absent for none',
    ),
  })
  .meta({ id: 'ListedRecommendation' })
export type ListedRecommendation = z.infer<typeof ListedRecommendation>
