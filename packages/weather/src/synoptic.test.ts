import { expect, it } from 'vitest'

import { synoptic, SYNOPTIC_URL } from './synoptic.ts'
import { NO_STATIONS, type SynopticBody, synopticBody } from './testing/documented-answers.ts'

const AT = new Date('2026-07-11T21:40:00Z')
const TOKEN = 'canary-synoptic-token'

function read(...bodies: unknown[]) {
  const asked: URL[] = []
  const call = (url: URL) => {
    const body = bodies[asked.length] ?? NO_STATIONS
    asked.push(url)
    return Promise.resolve({ status: 200, body: JSON.stringify(body) })
  }
  return {
    asked,
    reading: synoptic({ url: SYNOPTIC_URL, token: TOKEN }).read(call, { lat: 38.5, lon: -121.7 }, AT),
  }
}

type Observations = SynopticBody['STATION'][number]['OBSERVATIONS']

function set(of: Observations, name: string, part: { value?: number | null; date_time?: string }): void {
  const before = of[name]
  if (before === undefined) throw new Error(`there is no ${name}`)
  of[name] = { ...before, ...part }
}

const changed = (change: (of: Observations) => void): SynopticBody => {
  const body = synopticBody(AT)
  const [nearest] = body.STATION
  if (nearest) change(nearest.OBSERVATIONS)
  return body
}

it('[WTH-6] asks Synoptic for the latest reports around the middle of the cell, and takes the nearest', async () => {
  const { asked, reading } = read(synopticBody(AT))
  expect(await reading).toEqual({
    provider: 'synoptic',
    profileTime: '2026-07-11T21:33:00.000Z',
    layers: [
      { altitudeM: 2, temperatureC: 19.4, relativeHumidityPct: 55.2, windSpeedKph: 9, windDirectionDeg: 210 },
    ],
    temperatures: [{ at: '2026-07-11T22:00:00.000Z', temperatureC: 19.4 }],
  })
  expect(asked.map(({ origin, pathname }) => origin + pathname)).toEqual([
    `${SYNOPTIC_URL}/v2/stations/latest`,
  ])
  expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toMatchObject({
    token: TOKEN,
    radius: '38.5,-121.7,15',
    within: '60',
    units: 'metric',
  })
})

it('[WTH-6] asks for the report nearest to now where none is recent', async () => {
  const { asked, reading } = read(NO_STATIONS, synopticBody(AT))
  expect(await reading).toMatchObject({ layers: [{ temperatureC: 19.4 }] })
  expect(asked.map(({ pathname }) => pathname)).toEqual(['/v2/stations/latest', '/v2/stations/nearesttime'])
  expect(asked[1]?.searchParams.get('attime')).toBe('202607112140')
})

it.each<[string, SynopticBody]>([
  ['lacks a value', changed((of) => void delete of['relative_humidity_value_1'])],
  ['has an empty value', changed((of) => set(of, 'air_temp_value_1', { value: null }))],
  ['has wind from nowhere', changed((of) => void delete of['wind_direction_value_1'])],
  ['is two hours old', changed((of) => set(of, 'wind_speed_value_1', { date_time: '2026-07-11T19:39:00Z' }))],
  [
    'is of tomorrow',
    changed((of) => Object.keys(of).forEach((name) => set(of, name, { date_time: '2026-07-12T19:39:00Z' }))),
  ],
  ['has a value that no weather has', changed((of) => set(of, 'air_temp_value_1', { value: 200 }))],
])('[WTH-6] takes the next station where the nearest %s', async (_what, body) => {
  expect(await read(body).reading).toMatchObject({ layers: [{ temperatureC: 21 }] })
})

it('[WTH-6] calm air has no direction', async () => {
  const body = changed((of) => {
    set(of, 'wind_speed_value_1', { value: 0 })
    set(of, 'wind_direction_value_1', { value: null })
  })
  expect(await read(body).reading).toMatchObject({ layers: [{ windSpeedKph: 0, windDirectionDeg: 0 }] })
})

it.each<[string, unknown, string]>([
  [
    'a refused token',
    { SUMMARY: { RESPONSE_CODE: 200, RESPONSE_MESSAGE: 'Invalid token.' } },
    'the service refused: 200',
  ],
  [
    'English units',
    { ...synopticBody(AT), UNITS: { air_temp: 'Fahrenheit' } },
    'not as documented at /UNITS/air_temp',
  ],
  [
    'a station without observations',
    { ...synopticBody(AT), STATION: [{ STID: 'X' }] },
    'not as documented at /STATION/0/OBSERVATIONS',
  ],
  ['no station', NO_STATIONS, 'none of 0 stations has all values of now'],
  ['nonsense', [], 'not as documented at /'],
])('[WTH-6] refuses %s, without the token in the message', async (_what, body, message) => {
  const error: unknown = await read(body).reading.catch((reason: unknown) => reason)
  expect(String(error)).toContain(message)
  expect(String(error)).not.toContain(TOKEN)
})
