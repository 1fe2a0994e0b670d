import type { Observation, WeatherFeatures } from '@fieldsync/contracts'
import { observed } from '@fieldsync/domain'

/** What a rule's limits are compared with; undefined where nobody knows. */
export type AtSurface = {
  readonly windKph: number | undefined
  readonly temperatureC: number | undefined
  readonly relativeHumidityPct: number | undefined
}

type Layer = WeatherFeatures['layers'][number]

/** The layers from the lowest up. */
export const byAltitude = (layers: readonly Layer[]): readonly Layer[] =>
  layers.toSorted((a, b) => a.altitudeM - b.altitudeM)

/** Wind and temperature of the note where they were observed, otherwise of the lowest layer, as humidity always (AGR-8). */
export function atSurface(observation: Observation, weather: WeatherFeatures): AtSurface {
  const [lowest] = byAltitude(weather.layers)
  return {
    windKph: observed(observation, '/normalization/windEstimateKph') ?? lowest?.windSpeedKph,
    temperatureC: observed(observation, '/normalization/temperatureC') ?? lowest?.temperatureC,
    relativeHumidityPct: lowest?.relativeHumidityPct,
  }
}
