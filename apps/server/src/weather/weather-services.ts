import type { Clock, WeatherPort } from '@fieldsync/services'
import { createWeather, openMeteo, synoptic } from '@fieldsync/weather'
import type { Logger } from 'pino'

import type { WeatherEnv } from '../env/weather-env.ts'
import { outboundRequest } from '../outbound/outbound-request.ts'

/** Eleven days of forty variables are some 150 kB. */
const MAX_BYTES = 1024 * 1024

/**
 * The weather services that the operator has named. A line of the log says which one was called, how that ended and how long it
 * took; no line has a place, an address with its parameters, or a key (WTH-6).
 */
export function weatherServices(env: WeatherEnv, parts: { clock: Clock; logger: Logger }): WeatherPort {
  const { clock, logger } = parts
  const allowedOrigins = env.services.map(({ url }) => new URL(url).origin)
  return createWeather({
    providers: env.services.map((each) => (each.id === 'synoptic' ? synoptic(each) : openMeteo(each))),
    limitMs: env.timeoutMs,
    clock,
    call: (url) =>
      outboundRequest({
        method: 'GET',
        url,
        headers: { accept: 'application/json' },
        allowedOrigins,
        limitMs: env.timeoutMs,
        maxBytes: MAX_BYTES,
      }),
    onOutcome: (outcome) => {
      if (outcome.outcome === 'failed') logger.warn(outcome, 'a weather service did not answer')
      else logger.info(outcome, 'called a weather service')
    },
  })
}
