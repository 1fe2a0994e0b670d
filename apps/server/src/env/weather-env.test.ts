import { expect, it } from 'vitest'

import { readServerEnv } from './server-env.ts'

const TOKEN = 'canary-synoptic-token'

it('[WTH-6] no weather service is asked unless the operator names one, in the order of their names', () => {
  expect(readServerEnv({ WEATHER_SYNOPTIC_TOKEN: TOKEN }).weather).toBeUndefined()
  expect(readServerEnv({ WEATHER_PROVIDER: 'open-meteo' }).weather).toEqual({
    timeoutMs: 4000,
    services: [{ id: 'open-meteo', url: 'https://api.open-meteo.com', key: undefined }],
  })
  const both = { WEATHER_PROVIDER: 'synoptic, open-meteo', WEATHER_SYNOPTIC_TOKEN: TOKEN }
  expect(readServerEnv(both).weather?.services.map(({ id }) => id)).toEqual(['synoptic', 'open-meteo'])
})

it.each([
  [{ WEATHER_PROVIDER: 'synoptic' }, 'WEATHER_SYNOPTIC_TOKEN'],
  [{ WEATHER_PROVIDER: 'open-meteo,open-meteo' }, 'WEATHER_PROVIDER'],
  [{ WEATHER_PROVIDER: 'http://127.0.0.1' }, 'WEATHER_PROVIDER'],
  [{ WEATHER_OPEN_METEO_URL: 'http://api.example.com' }, 'WEATHER_OPEN_METEO_URL'],
  [{ WEATHER_OPEN_METEO_URL: 'https://user:secret@api.example.com' }, 'WEATHER_OPEN_METEO_URL'],
  [{ WEATHER_SYNOPTIC_URL: 'https://api.example.com/?token=x' }, 'WEATHER_SYNOPTIC_URL'],
  [{ WEATHER_SYNOPTIC_TOKEN: `${TOKEN}&radius=0` }, 'WEATHER_SYNOPTIC_TOKEN'],
])('[WTH-6] %j is refused, without the secret in the message', (environment, name) => {
  const failure = ((): string => {
    try {
      readServerEnv(environment)
      return ''
    } catch (error) {
      return String(error)
    }
  })()
  expect(failure).toContain(name)
  expect(failure).not.toContain(TOKEN)
})
