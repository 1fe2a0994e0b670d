import { z } from 'zod'

import { WeatherFeaturesId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { innerArray, ShortText } from '../text.ts'
import { Location, UnitInterval } from './field-terms.ts'

/** Weather around a vineyard at one time, reduced to the features that playbook rules use. */
export const WeatherFeatures = z
  .strictObject({
    weatherFeaturesId: WeatherFeaturesId,
    sourceMode: z.enum(['demo', 'live', 'none']),
    profileTime: Instant,
    location: Location,
    inversionPresent: z.boolean(),
    humidityLayering: z.enum(['dry_aloft_humid_surface', 'uniform_humid', 'uniform_dry', 'unknown']),
    windShearProxy: z.enum(['low', 'moderate', 'high', 'unknown']),
    sprayWindowScore: UnitInterval,
    diseaseRiskScore: UnitInterval,
    heatStressScore: UnitInterval,
    notes: innerArray(ShortText),
    layers: innerArray(
      z.strictObject({
        altitudeM: z.number().min(-500).max(20_000),
        temperatureC: z.number().min(-80).max(80),
        relativeHumidityPct: z.number().min(0).max(100),
        windSpeedKph: z.number().min(0).max(300),
        windDirectionDeg: z.number().min(0).max(360),
      }),
    ),
  })
  .meta({ id: 'WeatherFeatures' })
export type WeatherFeatures = z.infer<typeof WeatherFeatures>
