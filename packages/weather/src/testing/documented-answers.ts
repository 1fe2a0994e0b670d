/** Bodies as the services document them, for the hour that has begun at `at`; a test changes what it is about. */

const HOUR_S = 3600
const LEVELS = [1000, 975, 950, 925, 900, 850, 800, 750, 700]

export type OpenMeteoBody = {
  elevation: number
  hourly: { time: number[]; [variable: string]: (number | null)[] }
  [rest: string]: unknown
}

/**
 * An answer of Open-Meteo: twelve days by hours that end with the day of `at`, over ground at 18 m. 20 °C by night and 28 °C by day, and
 * 0.65 degrees colder for each 100 m, with an inversion in the lowest layers.
 */
export function openMeteoBody(at: Date): OpenMeteoBody {
  const day = Math.floor(at.getTime() / 86_400_000) * 86_400
  const time = Array.from({ length: 12 * 24 }, (_, i) => day - 11 * 86_400 + i * HOUR_S)
  const each = (value: (second: number) => number) => time.map(value)
  const surface = (second: number) => 24 - 4 * Math.cos((((second / HOUR_S) % 24) / 24) * 2 * Math.PI)
  const levels = LEVELS.flatMap((level, i) => {
    const height = 128 + (1000 - level) * 8.6
    return [
      [
        `temperature_${level}hPa`,
        each((second) => (i === 0 ? surface(second) + 1.5 : surface(second) - height * 0.0065)),
      ],
      [`relative_humidity_${level}hPa`, each(() => 62 - i)],
      [`wind_speed_${level}hPa`, each(() => 9 + 2 * i)],
      [`wind_direction_${level}hPa`, each(() => 300 + i)],
      [`geopotential_height_${level}hPa`, each(() => height)],
    ] as const
  })
  return {
    latitude: 38.5,
    longitude: -121.7,
    generationtime_ms: 1.2,
    utc_offset_seconds: 0,
    timezone: 'GMT',
    timezone_abbreviation: 'GMT',
    elevation: 18,
    hourly_units: {
      time: 'unixtime',
      temperature_2m: '°C',
      relative_humidity_2m: '%',
      wind_speed_10m: 'km/h',
      wind_direction_10m: '°',
    },
    hourly: {
      time,
      temperature_2m: each(surface),
      relative_humidity_2m: each(() => 68.4),
      wind_speed_10m: each(() => 7.2),
      wind_direction_10m: each(() => 310),
      ...Object.fromEntries(levels),
    },
  }
}

/** Sets one value of an hour. */
export function setHour(
  { hourly }: OpenMeteoBody,
  variable: string,
  hour: number,
  value: number | null,
): void {
  const values = hourly[variable]
  if (values === undefined) throw new Error(`there is no ${variable}`)
  values[hour] = value
}

type Observed = { value: number | null; date_time: string }
export type SynopticBody = {
  SUMMARY: { RESPONSE_CODE: number; [rest: string]: unknown }
  STATION: { STID: string; OBSERVATIONS: Record<string, Observed>; [rest: string]: unknown }[]
  [rest: string]: unknown
}

/** An answer of Synoptic's `latest` and `nearesttime`: two stations, the nearest first. */
export function synopticBody(at: Date): SynopticBody {
  const date_time = new Date(at.getTime() - 7 * 60_000).toISOString().replace(/\.\d+Z$/, 'Z')
  const station = (STID: string, celsius: number) => ({
    STID,
    NAME: `Station ${STID}`,
    ELEVATION: '60',
    LATITUDE: '38.53',
    LONGITUDE: '-121.77',
    DISTANCE: 2.31,
    STATUS: 'ACTIVE',
    OBSERVATIONS: {
      air_temp_value_1: { value: celsius, date_time },
      relative_humidity_value_1: { value: 55.2, date_time },
      wind_speed_value_1: { value: 2.5, date_time },
      wind_direction_value_1: { value: 210, date_time },
    } as Record<string, Observed>,
  })
  return {
    UNITS: { air_temp: 'Celsius', wind_speed: 'm/s', relative_humidity: '%', wind_direction: 'Degrees' },
    QC_SUMMARY: {},
    STATION: [station('KDWA1', 19.44), station('KSMF', 21)],
    SUMMARY: { NUMBER_OF_OBJECTS: 2, RESPONSE_CODE: 1, RESPONSE_MESSAGE: 'OK', VERSION: 'v2.24.0' },
  }
}

/** Synoptic's answer where no station has reported. */
export const NO_STATIONS = {
  STATION: [],
  SUMMARY: {
    NUMBER_OF_OBJECTS: 0,
    RESPONSE_CODE: 2,
    RESPONSE_MESSAGE: 'No stations found for this request.',
  },
}
