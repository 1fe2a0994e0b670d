import type { WeatherFeatures, WeatherFeaturesId } from '@fieldsync/contracts'

import type { ServiceContext } from '../verb/context.ts'
import { JsonText } from '../verb/json-text.ts'
import { notFound } from '../verb/service-error.ts'
import { verb } from '../verb/verb.ts'

/** One set of weather features. @throws ServiceError NOT_FOUND, also for one of another workspace */
export const getWeather = verb(
  'read',
  async (call: {
    ctx: ServiceContext
    input: { weatherFeaturesId: WeatherFeaturesId }
  }): Promise<JsonText<WeatherFeatures>> => {
    const { ctx, input } = call
    const [row] = await ctx.db.prisma.$queryRaw<{ document: string }[]>`
      SELECT document::text AS document FROM weather_features
      WHERE workspace_id = ${ctx.actor.workspaceId} AND weather_features_id = ${input.weatherFeaturesId}`
    if (!row) throw notFound('set of weather features', input.weatherFeaturesId)
    return new JsonText(row.document)
  },
)
