import type { WeatherFeatures, WeatherFeaturesId } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import { JsonText } from '../core/json-text.ts'
import { notFound } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'

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
