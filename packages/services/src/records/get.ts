import type {
  Observation,
  ObservationId,
  Recommendation,
  RecommendationId,
  WeatherFeatures,
  WeatherFeaturesId,
} from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import { JsonText } from '../core/json-text.ts'
import { notFound } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'

type Call<Input> = { ctx: ServiceContext; input: Input }

/** One observation. @throws ServiceError NOT_FOUND, also for a record of another workspace */
export const getObservation = verb(
  'read',
  async ({ ctx, input }: Call<{ observationId: ObservationId }>): Promise<JsonText<Observation>> => {
    const [row] = await ctx.db.prisma.$queryRaw<{ document: string }[]>`
      SELECT document::text AS document FROM observations
      WHERE workspace_id = ${ctx.actor.workspaceId} AND observation_id = ${input.observationId}`
    if (!row) throw notFound('observation', input.observationId)
    return new JsonText(row.document)
  },
)

/** One recommendation. @throws ServiceError NOT_FOUND, also for a record of another workspace */
export const getRecommendation = verb(
  'read',
  async ({ ctx, input }: Call<{ recommendationId: RecommendationId }>): Promise<JsonText<Recommendation>> => {
    const [row] = await ctx.db.prisma.$queryRaw<{ document: string }[]>`
      SELECT document::text AS document FROM recommendations
      WHERE workspace_id = ${ctx.actor.workspaceId} AND recommendation_id = ${input.recommendationId}`
    if (!row) throw notFound('recommendation', input.recommendationId)
    return new JsonText(row.document)
  },
)

/** One set of weather features. @throws ServiceError NOT_FOUND, also for one of another workspace */
export const getWeather = verb(
  'read',
  async ({
    ctx,
    input,
  }: Call<{ weatherFeaturesId: WeatherFeaturesId }>): Promise<JsonText<WeatherFeatures>> => {
    const [row] = await ctx.db.prisma.$queryRaw<{ document: string }[]>`
      SELECT document::text AS document FROM weather_features
      WHERE workspace_id = ${ctx.actor.workspaceId} AND weather_features_id = ${input.weatherFeaturesId}`
    if (!row) throw notFound('set of weather features', input.weatherFeaturesId)
    return new JsonText(row.document)
  },
)
