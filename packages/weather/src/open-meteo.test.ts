import { deriveFeatures } from '@fieldsync/agronomy'
import { WeatherFeatures, WeatherFeaturesId } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { OPEN_METEO_URL, openMeteo } from './open-meteo.ts'
import { type OpenMeteoBody, openMeteoBody, setHour } from './testing/documented-answers.ts'

const AT = new Date('2026-07-11T21:40:00Z')
const PLACE = { lat: 38.5, lon: -121.7 }
const hour = 11 * 24 + 21

function read(change: (body: OpenMeteoBody) => unknown = (body) => body, status = 200) {
  const asked: URL[] = []
  const body = openMeteoBody(AT)
  const answer = change(body) ?? body
  const call = (url: URL) => {
    asked.push(url)
    return Promise.resolve({ status, body: typeof answer === 'string' ? answer : JSON.stringify(answer) })
  }
  return { asked, reading: openMeteo({ url: OPEN_METEO_URL }).read(call, PLACE, AT) }
}

it('[WTH-6] asks Open-Meteo for the middle of the cell, its pressure levels and the hours of eleven days', async () => {
  const { asked, reading } = read()
  const { layers, temperatures, ...rest } = await reading
  expect(rest).toEqual({ provider: 'open-meteo', profileTime: '2026-07-11T21:00:00.000Z' })
  expect(layers.map(({ altitudeM }) => altitudeM)).toEqual([2, 110, 325, 540, 755, 970])
  expect(layers.slice(0, 2)).toEqual([
    { altitudeM: 2, temperatureC: 21.2, relativeHumidityPct: 68.4, windSpeedKph: 7.2, windDirectionDeg: 310 },
    { altitudeM: 110, temperatureC: 22.7, relativeHumidityPct: 62, windSpeedKph: 9, windDirectionDeg: 300 },
  ])
  // What is forecast is no temperature that was.
  expect(temperatures).toHaveLength(hour + 1)
  expect(temperatures.at(-1)).toEqual({ at: '2026-07-11T21:00:00.000Z', temperatureC: 21.2 })
  const [url] = asked
  expect(url?.origin).toBe(OPEN_METEO_URL)
  expect(url?.pathname).toBe('/v1/forecast')
  expect(Object.fromEntries(url?.searchParams ?? [])).toMatchObject({
    latitude: '38.5',
    longitude: '-121.7',
    past_days: '11',
    timezone: 'GMT',
    timeformat: 'unixtime',
    wind_speed_unit: 'kmh',
    hourly: expect.stringMatching(/^temperature_2m,.*geopotential_height_1000hPa,.*wind_direction_700hPa/),
  })
  expect(url?.searchParams.has('apikey')).toBe(false)
})

it('[WTH-6] what Open-Meteo says makes features with an inversion and a known disease risk', async () => {
  const { layers, temperatures, profileTime } = await read().reading
  const features = deriveFeatures({
    weatherFeaturesId: WeatherFeaturesId.parse('wxf_20260711_live_a'),
    profileTime,
    location: PLACE,
    layers,
    surfaceTemperatures: temperatures,
  })
  expect(WeatherFeatures.parse(features)).toMatchObject({
    inversionPresent: true,
    windShearProxy: 'moderate',
    notes: [],
  })
  expect(features.diseaseRiskScore).toBeGreaterThan(0.5)
})

it('[WTH-6] a valley above some levels has the layers above its ground', async () => {
  const { layers } = await read((body) => ({ ...body, elevation: 900 })).reading
  expect(layers.map(({ altitudeM }) => altitudeM)).toEqual([2, 88, 518, 948])
})

it.each<[string, (body: OpenMeteoBody) => unknown]>([
  ['no JSON', () => '<html>'],
  ['half of an answer', (body) => JSON.stringify(body).slice(0, 4000)],
  ['an error', () => ({ error: true, reason: 'Parameter latitude out of range' })],
  ['a missing variable', (body) => void delete body.hourly['wind_speed_925hPa']],
  [
    'fewer values than hours',
    ({ hourly, ...body }) => ({ ...body, hourly: { ...hourly, temperature_2m: [20] } }),
  ],
  [
    'words for numbers',
    ({ hourly, ...body }) => ({ ...body, hourly: { ...hourly, temperature_2m: hourly.time.map(String) } }),
  ],
  [
    'other units',
    ({ hourly_units, ...body }) => ({
      ...body,
      hourly_units: { ...Object(hourly_units), temperature_2m: '°F' },
    }),
  ],
  ['another time zone', (body) => ({ ...body, utc_offset_seconds: -25_200 })],
  [
    'another day',
    ({ hourly, ...body }) => ({
      ...body,
      hourly: { ...hourly, time: hourly.time.map((each) => each - 86_400) },
    }),
  ],
  ['no value of this hour', (body) => setHour(body, 'temperature_2m', hour, null)],
  ['a value that no weather has', (body) => setHour(body, 'relative_humidity_2m', hour, 140)],
  ['nothing aloft', (body) => ({ ...body, elevation: 9000 })],
])('[WTH-6] refuses %s', async (_what, change) => {
  await expect(read(change).reading).rejects.toThrow(/^the answer /)
})

it('[WTH-6] refuses any other status, and leaves out layers and hours without a value', async () => {
  await expect(read((body) => body, 429).reading).rejects.toThrow('the answer has the status 429')
  const { layers, temperatures } = await read((body) => {
    setHour(body, 'wind_speed_1000hPa', hour, null)
    setHour(body, 'temperature_2m', 0, null)
  }).reading
  expect(layers.map(({ altitudeM }) => altitudeM)).toEqual([2, 325, 540, 755, 970])
  expect(temperatures).toHaveLength(hour)
})
