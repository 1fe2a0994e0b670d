import { z } from 'zod'

import {
  Layer,
  NoWeatherThere,
  parsed,
  type Place,
  type Provider,
  tenths,
  UnusableAnswer,
} from './provider.ts'

export const OPEN_METEO_URL = 'https://api.open-meteo.com'

/** What a profile is read at, hPa. Those below the ground are left out, so that a high valley has its own lowest ones. */
const LEVELS = [1000, 975, 950, 925, 900, 850, 800, 750, 700] as const
/** The air above this says nothing about where spray goes, meters above ground. */
const HIGHEST_M = 1000
/** Today, and the ten days of the mildew index with one to spare, since its days are those of the sun. */
const PAST_DAYS = 11
const HOUR_MS = 3_600_000
/** A model has a value for each hour; one older than this is no present weather. */
const OLDEST_MS = 2 * HOUR_MS

const SURFACE = {
  temperatureC: 'temperature_2m',
  relativeHumidityPct: 'relative_humidity_2m',
  windSpeedKph: 'wind_speed_10m',
  windDirectionDeg: 'wind_direction_10m',
} as const
const ALOFT = {
  temperatureC: 'temperature',
  relativeHumidityPct: 'relative_humidity',
  windSpeedKph: 'wind_speed',
  windDirectionDeg: 'wind_direction',
  heightM: 'geopotential_height',
} as const

const surfaceNames = Object.values(SURFACE)
const aloftNames = LEVELS.flatMap((level) => Object.values(ALOFT).map((name) => `${name}_${level}hPa`))
const VARIABLES = [...surfaceNames, ...aloftNames]

const Values = z.array(z.number().nullable())
const Answer = z.object({
  elevation: z.number(),
  utc_offset_seconds: z.literal(0),
  hourly_units: z.object({
    time: z.literal('unixtime'),
    temperature_2m: z.literal('°C'),
    relative_humidity_2m: z.literal('%'),
    wind_speed_10m: z.literal('km/h'),
  }),
  hourly: z
    .object({
      time: z
        .array(z.int())
        .min(1)
        .max(24 * 20),
    })
    .and(z.record(z.string(), Values))
    .refine(
      (hourly) => VARIABLES.every((name) => hourly[name]?.length === hourly.time.length),
      'each variable has a value for each hour',
    ),
})
type Hourly = z.infer<typeof Answer>['hourly']

/**
 * Open-Meteo's forecast: the layers by pressure level at the newest hour that has begun, and the hourly temperatures at two meters
 * (https://open-meteo.com/en/docs). Geopotential heights are above the sea; layers are above the ground.
 *
 * @param options.key of a customer; without one the service is free for uses that are not commercial
 */
export function openMeteo(options: { readonly url: string; readonly key?: string | undefined }): Provider {
  return {
    id: 'open-meteo',
    read: async (call, place, at) => {
      const { status, body } = await call(addressOf(options, place))
      if (status !== 200) throw new UnusableAnswer(`the answer has the status ${status}`)
      const { hourly, elevation } = parsed(Answer, body)
      const now = at.getTime() / 1000
      const index = hourly.time.findLastIndex((time) => time <= now)
      const time = hourly.time[index]
      if (time === undefined || (now - time) * 1000 > OLDEST_MS)
        throw new UnusableAnswer('the answer has no present hour')
      const surface = Layer.safeParse({
        ...valuesAt(hourly, index, (key) => SURFACE[key]),
        altitudeM: 2,
      }).data
      const aloft = LEVELS.flatMap((level) => layerAt(hourly, index, level, elevation))
      if (!surface || aloft.length === 0)
        throw new NoWeatherThere('the answer lacks values of the present hour')
      return {
        provider: 'open-meteo',
        profileTime: new Date(time * 1000).toISOString(),
        layers: [surface, ...aloft],
        temperatures: temperaturesUntil(hourly, index),
      }
    },
  }
}

function addressOf(
  { url, key }: { readonly url: string; readonly key?: string | undefined },
  place: Place,
): URL {
  const address = new URL('/v1/forecast', url)
  const query = {
    latitude: String(place.lat),
    longitude: String(place.lon),
    hourly: VARIABLES.join(','),
    past_days: String(PAST_DAYS),
    forecast_days: '1',
    temperature_unit: 'celsius',
    wind_speed_unit: 'kmh',
    timeformat: 'unixtime',
    timezone: 'GMT',
    ...(key === undefined ? {} : { apikey: key }),
  }
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value)
  return address
}

type Measured = keyof typeof SURFACE

function valuesAt(
  hourly: Hourly,
  index: number,
  nameOf: (key: Measured) => string,
): Partial<Record<Measured, number>> {
  return Object.fromEntries(
    (Object.keys(SURFACE) as Measured[]).flatMap((key) => {
      const value = hourly[nameOf(key)]?.[index]
      return typeof value === 'number' ? [[key, tenths(value)]] : []
    }),
  )
}

/** The layer of one level: none where it is below the ground, too high, or lacks a value. */
function layerAt(hourly: Hourly, index: number, level: number, elevation: number): Layer[] {
  const height = hourly[`${ALOFT.heightM}_${level}hPa`]?.[index]
  if (typeof height !== 'number') return []
  const altitudeM = Math.round(height - elevation)
  if (altitudeM <= 10 || altitudeM > HIGHEST_M) return []
  const layer = Layer.safeParse({
    ...valuesAt(hourly, index, (key) => `${ALOFT[key]}_${level}hPa`),
    altitudeM,
  })
  return layer.success ? [layer.data] : []
}

/** Those that were, and not those that are forecast. */
function temperaturesUntil(hourly: Hourly, index: number): { at: string; temperatureC: number }[] {
  const values = hourly[SURFACE.temperatureC] ?? []
  return hourly.time.slice(0, index + 1).flatMap((time, i) => {
    const value = values[i]
    const isPlausible = typeof value === 'number' && Math.abs(value) <= 80 && (time * 1000) % HOUR_MS === 0
    return isPlausible ? [{ at: new Date(time * 1000).toISOString(), temperatureC: tenths(value) }] : []
  })
}
