import {
  instantMicros,
  type Location,
  MAX_INNER_ARRAY,
  type WeatherFeatures,
  type WeatherFeaturesId,
} from '@fieldsync/contracts'

import { byAltitude } from './at-surface.ts'
import { heatStressScore } from './heat-stress.ts'
import { type HourlyTemperature, mildewIndex } from './mildew-index.ts'

type Layer = WeatherFeatures['layers'][number]

export type FeaturesInput = {
  readonly weatherFeaturesId: WeatherFeaturesId
  /** What time the layers are of, RFC 3339. */
  readonly profileTime: string
  readonly location: Location
  readonly layers: readonly Layer[]
  /** Each whole hour of the ten solar days before, and of this one: ask a provider for the last eleven days. */
  readonly surfaceTemperatures?: readonly HourlyTemperature[]
  readonly notes?: readonly string[]
}

/** The note of features whose disease risk could not be computed; their score is 0. */
const DISEASE_RISK_UNKNOWN = 'disease_risk_unknown'
/** How far up an inversion keeps spray near the ground, meters. */
const INVERSION_UP_TO_M = 150
const DAY_MICROS = 24 * 3600 * 1_000_000

/** What playbook rules need of a live profile (AGR-19); scores to two decimals. Same inputs, same bytes. */
export function deriveFeatures(input: FeaturesInput): WeatherFeatures {
  const { profileTime, location, surfaceTemperatures = [], notes = [] } = input
  const layers = byAltitude(input.layers)
  const inversionPresent = hasInversion(layers)
  const humidityLayering = humidity(layers)
  const windShearProxy = shear(layers)
  const index = mildewIndex(surfaceTemperatures, profileTime, location.lon)
  const said = index === undefined ? [...notes, DISEASE_RISK_UNKNOWN] : notes
  return {
    weatherFeaturesId: input.weatherFeaturesId,
    sourceMode: 'live',
    profileTime,
    location,
    inversionPresent,
    humidityLayering,
    windShearProxy,
    sprayWindowScore: sprayWindowScore(inversionPresent, humidityLayering, windShearProxy),
    diseaseRiskScore: rounded((index ?? 0) / 100),
    heatStressScore: rounded(heatStressScore(hottest(layers, surfaceTemperatures, profileTime))),
    notes: [...new Set(said)].slice(-MAX_INNER_ARRAY),
    layers: [...layers],
  }
}

/** Warmer above than below, between two neighboring layers near the ground. */
const hasInversion = (layers: readonly Layer[]): boolean =>
  layers.some((upper, i) => {
    const lower = layers[i - 1]
    return (
      lower !== undefined && upper.altitudeM <= INVERSION_UP_TO_M && upper.temperatureC > lower.temperatureC
    )
  })

function humidity(layers: readonly Layer[]): WeatherFeatures['humidityLayering'] {
  const found = ends(layers)
  if (found === undefined) return 'unknown'
  const [low, high] = [found.surface.relativeHumidityPct, found.top.relativeHumidityPct]
  if (low - high > 20) return 'dry_aloft_humid_surface'
  if (low > 70 && high > 70) return 'uniform_humid'
  return low < 50 && high < 50 ? 'uniform_dry' : 'unknown'
}

function shear(layers: readonly Layer[]): WeatherFeatures['windShearProxy'] {
  const found = ends(layers)
  if (found === undefined) return 'unknown'
  const difference = Math.abs(found.top.windSpeedKph - found.surface.windSpeedKph)
  return difference < 5 ? 'low' : difference < 15 ? 'moderate' : 'high'
}

/** The lowest and the highest layer; undefined for fewer than two. */
function ends([surface, ...above]: readonly Layer[]): { surface: Layer; top: Layer } | undefined {
  const top = above.at(-1)
  return surface && top && { surface, top }
}

const OF_HUMIDITY = { uniform_humid: 10, dry_aloft_humid_surface: 20, uniform_dry: 0, unknown: 0 }
const OF_SHEAR = { high: 30, moderate: 10, low: 0, unknown: 0 }

const sprayWindowScore = (
  inversionPresent: boolean,
  humidityLayering: WeatherFeatures['humidityLayering'],
  windShearProxy: WeatherFeatures['windShearProxy'],
): number =>
  Math.max(0, 100 - (inversionPresent ? 30 : 0) - OF_HUMIDITY[humidityLayering] - OF_SHEAR[windShearProxy]) /
  100

/** The hottest of the lowest layer and of the surface in the day before; −∞ for no value at all. */
function hottest(
  layers: readonly Layer[],
  temperatures: readonly HourlyTemperature[],
  profileTime: string,
): number {
  const until = instantMicros(profileTime)
  const ofDay = temperatures
    .filter(({ at }) => instantMicros(at) <= until && instantMicros(at) > until - DAY_MICROS)
    .map(({ temperatureC }) => temperatureC)
  return Math.max(...layers.slice(0, 1).map(({ temperatureC }) => temperatureC), ...ofDay)
}

const rounded = (score: number): number => Math.round(score * 100) / 100
