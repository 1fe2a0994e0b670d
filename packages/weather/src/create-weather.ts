import type { Clock, WeatherPort } from '@fieldsync/services'

import { CircuitBreaker } from './circuit-breaker.ts'
import { type Call, NoWeatherThere, type Provider } from './provider.ts'

/** How a call to a weather service ended. It holds no place. */
export type CallOutcome = {
  readonly provider: string
  readonly outcome: 'answered' | 'failed' | 'skipped'
  /** Of the call, milliseconds. */
  readonly ms: number
  /** Why it failed. */
  readonly reason?: string
}

/**
 * The weather services of a server behind the port of `services`: the first that answers counts, in the given order, and one that
 * keeps failing is left alone for a time (WTH-6, WTH-7).
 *
 * @param options.limitMs of one call, which `call` keeps
 */
export function createWeather(options: {
  readonly providers: readonly Provider[]
  readonly call: Call
  readonly limitMs: number
  readonly clock: Clock
  readonly onOutcome: (outcome: CallOutcome) => void
}): WeatherPort {
  const { providers, call, limitMs, clock, onOutcome } = options
  const known = providers.map((provider) => ({ provider, breaker: new CircuitBreaker() }))
  const now = (): number => clock.now().getTime()
  return {
    // Synoptic may take two calls.
    limitMs: 2 * limitMs * providers.length,
    read: async (place, at) => {
      for (const { provider, breaker } of known) {
        if (!breaker.mayCall(now())) {
          onOutcome({ provider: provider.id, outcome: 'skipped', ms: 0 })
          continue
        }
        const started = performance.now()
        const ms = (): number => Math.round(performance.now() - started)
        try {
          const reading = await provider.read(call, place, at)
          breaker.succeeded()
          onOutcome({ provider: provider.id, outcome: 'answered', ms: ms() })
          return reading
        } catch (error) {
          if (error instanceof NoWeatherThere) breaker.succeeded()
          else breaker.failed(now())
          const reason = error instanceof Error ? error.message : String(error)
          onOutcome({ provider: provider.id, outcome: 'failed', ms: ms(), reason })
        }
      }
      return undefined
    },
  }
}
