import { z } from 'zod'

import { WeatherFeatures } from '../entities/weather-features.ts'
import { WeatherFeaturesId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { lenient } from '../lenient.ts'
import { type Operation, query } from './operation.ts'

const WeatherInput = z.strictObject({ weatherFeaturesId: WeatherFeaturesId })

/** A place, in degrees. What leaves the server is the middle of its cell (WTH-2). */
export const LiveWeatherInput = z.strictObject({
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
})
export type LiveWeatherInput = z.infer<typeof LiveWeatherInput>

/** Answer of `GET /v1/weather/live`. */
export const LiveWeather = z
  .object({
    features: lenient(WeatherFeatures).describe('A record of the workspace, unless the source is none'),
    source: z
      .enum(['live', 'cache', 'demo', 'none'])
      .describe('A weather service just now; what one said before; the made-up profile; or nothing'),
    provider: z.string().nullable().describe('Which weather service; null for demo and none'),
    fetchedAt: Instant.nullable().describe('When the service was asked; null for demo and none'),
  })
  .meta({ id: 'LiveWeather' })
export type LiveWeather = z.infer<typeof LiveWeather>

/** The operations on weather, as rows of the operation table. */
export const WEATHER_OPERATIONS = {
  'weather.live': {
    ...query,
    operationId: 'getLiveWeather',
    summary: 'The weather of a place now, for an access token of the scope weather:live alone',
    path: '/v1/weather/live',
    scopes: ['weather:live'],
    input: LiveWeatherInput,
    output: LiveWeather,
  },
  'weather.get': {
    ...query,
    operationId: 'getWeather',
    summary: 'One set of weather features',
    path: '/v1/weather/:weatherFeaturesId',
    input: WeatherInput,
    output: lenient(WeatherFeatures),
  },
} as const satisfies Record<string, Operation>
