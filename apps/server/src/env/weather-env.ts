import { OPEN_METEO_URL, SYNOPTIC_URL } from '@fieldsync/weather'
import { z } from 'zod'

import { isLoopbackHost } from '../outbound/addresses.ts'
import type { EnvIssue } from './read-variables.ts'
import { wholeNumber } from './variables.ts'

const SERVICES = ['open-meteo', 'synoptic'] as const
type Service = (typeof SERVICES)[number]
const isService = (text: string): text is Service => SERVICES.some((each) => each === text)

/** Weather services in the order in which they are asked, separated by commas. */
const services = z.string().transform((text, context): readonly Service[] => {
  const named = text.split(',').map((part) => part.trim())
  const known = named.filter(isService)
  if (known.length === named.length && new Set(named).size === named.length) return known
  context.addIssue({
    code: 'custom',
    message: `must be ${SERVICES.join(', or ')}, or both separated by a comma`,
  })
  return z.NEVER
})

/** The origin of a weather service; without TLS only on this machine. */
const serviceUrl = z.string().refine((text) => {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || url.pathname !== '/') return false
  if (/[?#]/.test(text)) return false
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(host))
}, 'must be an address such as https://api.example.com, with https and without a path, credentials or query')

/** Characters that a key may have: those of an address are refused, so that it stays one parameter. */
const key = z.string().regex(/^[\w.~-]{8,256}$/, 'must be 8 to 256 letters, digits or any of . _ ~ -')

/** Which weather services this server asks for live weather (WTH-6). */
export const WeatherVariables = z.object({
  WEATHER_PROVIDER: services.optional(),
  WEATHER_OPEN_METEO_URL: serviceUrl.default(OPEN_METEO_URL),
  WEATHER_OPEN_METEO_KEY: key.optional(),
  WEATHER_SYNOPTIC_URL: serviceUrl.default(SYNOPTIC_URL),
  WEATHER_SYNOPTIC_TOKEN: key.optional(),
  WEATHER_TIMEOUT_MS: wholeNumber(100, 30_000).default(4000),
})
type Values = z.infer<typeof WeatherVariables>

export type WeatherEnv = {
  readonly services: readonly (
    | { readonly id: 'open-meteo'; readonly url: string; readonly key: string | undefined }
    | { readonly id: 'synoptic'; readonly url: string; readonly token: string }
  )[]
  /** Of one call. */
  readonly timeoutMs: number
}

/** The weather services of these variables; undefined for none, which is the default. */
export function weatherEnvOf(values: Values): WeatherEnv | undefined {
  const { WEATHER_PROVIDER: named, WEATHER_TIMEOUT_MS: timeoutMs } = values
  if (named === undefined) return undefined
  return {
    timeoutMs,
    services: named.map((id) =>
      id === 'open-meteo'
        ? { id, url: values.WEATHER_OPEN_METEO_URL, key: values.WEATHER_OPEN_METEO_KEY }
        : { id, url: values.WEATHER_SYNOPTIC_URL, token: values.WEATHER_SYNOPTIC_TOKEN ?? '' },
    ),
  }
}

/** Synoptic takes a token. */
export function checkWeatherVariables(values: Values): EnvIssue[] {
  const needsToken = values.WEATHER_PROVIDER?.includes('synoptic') === true
  if (!needsToken || values.WEATHER_SYNOPTIC_TOKEN !== undefined) return []
  const expected = 'must be set for the weather service synoptic'
  return [{ name: 'WEATHER_SYNOPTIC_TOKEN', given: '(not set)', expected }]
}
