import type { WeatherFeatures } from '@fieldsync/contracts'
import type { z } from 'zod'

import { overridden, type Overrides } from './overrides.ts'

export type WeatherFeaturesInput = z.input<typeof WeatherFeatures>

/** Weather of a mild, humid evening over a vineyard. */
export const weatherFeatures = (overrides: Overrides<WeatherFeaturesInput> = {}): WeatherFeaturesInput =>
  overridden<WeatherFeaturesInput>(
    {
      weatherFeaturesId: 'wxf_20260211_demo_01',
      sourceMode: 'demo',
      profileTime: '2026-02-11T18:00:00Z',
      location: { lat: 38.5449, lon: -121.7405 },
      inversionPresent: false,
      humidityLayering: 'uniform_humid',
      windShearProxy: 'moderate',
      sprayWindowScore: 0.75,
      diseaseRiskScore: 0.65,
      heatStressScore: 0.3,
      notes: ['Demo profile, Yolo County evening'],
      layers: [
        { altitudeM: 0, temperatureC: 18.5, relativeHumidityPct: 68, windSpeedKph: 8, windDirectionDeg: 315 },
        {
          altitudeM: 300,
          temperatureC: 16.2,
          relativeHumidityPct: 55,
          windSpeedKph: 18,
          windDirectionDeg: 325,
        },
      ],
    },
    overrides,
  )
