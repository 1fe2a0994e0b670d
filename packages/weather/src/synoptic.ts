import { Instant } from '@fieldsync/contracts'
import { z } from 'zod'

import {
  type Call,
  Layer,
  NoWeatherThere,
  parsed,
  type Place,
  type Provider,
  tenths,
  UnusableAnswer,
} from './provider.ts'

export const SYNOPTIC_URL = 'https://api.synopticdata.com'

const RADIUS_MILES = 15
const STATIONS = 5
/** What counts as present, minutes; where no station has reported in that time, the nearest report of twice as long counts. */
const WITHIN_MINUTES = 60
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const KPH_OF_MS = 3.6

const VARIABLES = ['air_temp', 'relative_humidity', 'wind_speed', 'wind_direction'] as const

const Observed = z.object({ value: z.number().nullable(), date_time: Instant })
const Station = z.object({
  OBSERVATIONS: z.object({
    air_temp_value_1: Observed.optional(),
    relative_humidity_value_1: Observed.optional(),
    wind_speed_value_1: Observed.optional(),
    wind_direction_value_1: Observed.optional(),
  }),
})
const Answer = z.object({
  SUMMARY: z.object({ RESPONSE_CODE: z.int() }),
  STATION: z.array(Station).max(50).optional(),
  UNITS: z
    .object({ air_temp: z.literal('Celsius').optional(), wind_speed: z.literal('m/s').optional() })
    .optional(),
})

/** Of `SUMMARY`: that there is an answer, and that no station has one. Any other is a refusal. */
const OK = 1
const NO_STATION = 2

/**
 * Synoptic's weather stations: what the nearest one with all values has reported last
 * (https://docs.synopticdata.com/services/latest), or else nearest to now in a longer time
 * (https://docs.synopticdata.com/services/nearest-time). Stations stand at the ground, so that there is one layer.
 *
 * @param options.token of the operator's account; it is part of the address of each call, as the service requires
 */
export function synoptic(options: { readonly url: string; readonly token: string }): Provider {
  const ask = async (call: Call, service: string, place: Place, more: Record<string, string>) => {
    const address = new URL(`/v2/stations/${service}`, options.url)
    const query = {
      token: options.token,
      radius: `${place.lat},${place.lon},${RADIUS_MILES}`,
      limit: String(STATIONS),
      vars: VARIABLES.join(','),
      units: 'metric',
      obtimezone: 'utc',
      ...more,
    }
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value)
    const { status, body } = await call(address)
    if (status !== 200) throw new UnusableAnswer(`the answer has the status ${status}`)
    const { SUMMARY, STATION = [] } = parsed(Answer, body)
    if (SUMMARY.RESPONSE_CODE === NO_STATION) return []
    if (SUMMARY.RESPONSE_CODE !== OK)
      throw new UnusableAnswer(`the service refused: ${SUMMARY.RESPONSE_CODE}`)
    return STATION
  }
  return {
    id: 'synoptic',
    read: async (call, place, at) => {
      const latest = await ask(call, 'latest', place, { within: String(WITHIN_MINUTES) })
      const stations = latest.length > 0 ? latest : await ask(call, 'nearesttime', place, earlier(at))
      for (const station of stations) {
        const read = reading(station, at)
        if (read) return { provider: 'synoptic', ...read }
      }
      throw new NoWeatherThere(`none of ${stations.length} stations has all values of now`)
    },
  }
}

const earlier = (at: Date): Record<string, string> => ({
  attime: at.toISOString().replace(/\D/g, '').slice(0, 12),
  within: String(2 * WITHIN_MINUTES),
})

/** What a station says, nearest first; undefined where a value is missing, old, or one that the weather never has. */
function reading({ OBSERVATIONS: of }: z.infer<typeof Station>, at: Date) {
  const [temperature, humidity, speed, direction] = [
    of.air_temp_value_1,
    of.relative_humidity_value_1,
    of.wind_speed_value_1,
    of.wind_direction_value_1,
  ]
  if (!temperature || !humidity || !speed) return undefined
  const times = [temperature, humidity, speed].map(({ date_time }) => Date.parse(date_time))
  const oldest = Math.min(...times)
  const age = at.getTime() - oldest
  if (age > 2 * WITHIN_MINUTES * MINUTE_MS || age < -WITHIN_MINUTES * MINUTE_MS) return undefined
  // Calm air comes from nowhere, and stations then report no direction.
  const degrees = speed.value === 0 ? 0 : direction?.value
  const numbers = [temperature.value, humidity.value, speed.value, degrees]
  const [celsius, percent, metersPerSecond, from] = numbers.map((value) => value ?? Number.NaN)
  const layer = Layer.safeParse({
    altitudeM: 2,
    temperatureC: tenths(celsius ?? Number.NaN),
    relativeHumidityPct: tenths(percent ?? Number.NaN),
    windSpeedKph: tenths((metersPerSecond ?? Number.NaN) * KPH_OF_MS),
    windDirectionDeg: tenths(from ?? Number.NaN),
  })
  if (!layer.success) return undefined
  const hour = new Date(Math.round(oldest / HOUR_MS) * HOUR_MS).toISOString()
  return {
    profileTime: new Date(oldest).toISOString(),
    layers: [layer.data],
    temperatures: [{ at: hour, temperatureC: layer.data.temperatureC }],
  }
}
