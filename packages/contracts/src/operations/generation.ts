import { z } from 'zod'

import { Recommendation } from '../entities/recommendation.ts'
import { DeviceId, ObservationId, PlaybookId, WeatherFeaturesId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { lenient } from '../lenient.ts'
import { command, type Operation } from './operation.ts'

/** What a recommendation is computed from (REC-12 to REC-15). */
export const GenerateRecommendationInput = z
  .strictObject({
    observationId: ObservationId,
    playbookId: PlaybookId.optional().describe(
      "By default the workspace's only playbook for the crop that is not retired",
    ),
    weatherFeaturesId: WeatherFeaturesId.optional().describe(
      'Stored weather; by default what the server has',
    ),
    playbookVersion: z
      .int()
      .min(1)
      .optional()
      .describe('The version that the caller expects to be active: another one is a mismatch'),
    requestedByDeviceId: DeviceId.optional().describe('The caller; sent by callers of the original contract'),
    requestedAt: Instant.optional().describe("Not used: the server's clock counts"),
  })
  .meta({ id: 'GenerateRecommendationInput' })
export type GenerateRecommendationInput = z.infer<typeof GenerateRecommendationInput>

/** The operation that generates recommendations, as a row of the operation table. */
export const GENERATION_OPERATIONS = {
  'recommendations.generate': {
    ...command,
    operationId: 'generateRecommendation',
    summary:
      'Compute a recommendation for an observation and store it; the same one again where nothing differs',
    path: '/v1/recommendations:generate',
    right: 'observations.write',
    status: 201,
    input: GenerateRecommendationInput,
    output: lenient(Recommendation),
  },
} as const satisfies Record<string, Operation>
