import type { z } from 'zod'

import type { Recommendation, WeatherFeatures } from '../../index.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { later, mintId, momentOf, sharedRandom } from './ids.ts'
import { overridden, type Overrides } from './overrides.ts'

export type RecommendationInput = z.input<typeof Recommendation>

const HOUR = 60 * 60 * 1000

/** A pending recommendation. It rests on an observation of its own making: pass `observationId` for a real one. */
export function recommendation(
  overrides: Overrides<RecommendationInput> = {},
  rng: SeededRandom = sharedRandom,
): RecommendationInput {
  const generatedAt = overrides.generatedAt ?? momentOf(rng)
  const startsIn = rng.int(1, 12)
  return overridden<RecommendationInput>(
    {
      recommendationId: mintId('rec', rng, generatedAt),
      observationId: mintId('obs', rng, generatedAt),
      playbookId: 'pbk_yolo_grape',
      playbookVersion: 3,
      weatherFeaturesId: 'wxf_20260211_demo_01',
      generatedAt,
      issue: 'powdery_mildew',
      severity: rng.pick<'low' | 'moderate' | 'high'>(['low', 'moderate', 'high']),
      action: 'Apply sulfur-based contact spray in affected block.',
      rationale: [
        'Moderate powdery mildew pressure in the block.',
        'Wind stays below 12 km/h until late morning.',
      ],
      timingWindow: {
        startAt: later(generatedAt, startsIn * HOUR),
        endAt: later(generatedAt, (startsIn + rng.int(2, 6)) * HOUR),
        localTimezone: 'America/Los_Angeles',
        confidence: 0.74,
        drivers: ['spray_drift_risk', 'high_humidity_persistence'],
      },
      riskFlags: ['manual_review_required'],
      requiredConfirmation: true,
      status: 'pending_confirmation',
      updatedAt: generatedAt,
    },
    overrides,
  )
}

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
