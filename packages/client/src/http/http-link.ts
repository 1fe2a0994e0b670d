import type { Clock, Connectivity } from '@fieldsync/sync-engine'

import { platformConnectivity } from '../platform/platform-connectivity.ts'
import { systemClock } from '../platform/system-clock.ts'
import type { Fetch } from './fetch.ts'
import { serverUrl } from './server-url.ts'
import { TIME_LIMITS, type TimeLimits } from './time-limits.ts'

/** The way to one server, whoever calls. */
export type HttpLink = {
  /** Address of the server without a slash at its end. */
  readonly url: string
  readonly fetch: Fetch
  readonly clock: Clock
  readonly limits: TimeLimits
  readonly connectivity: Connectivity
}

/** The address of a server, and what the platform replaces on the way to it. */
export type HttpLinkOptions = {
  /** Address of the server, such as `https://sync.example.com`; a path prefix is kept. */
  readonly url: string
  /** Default: the platform's. Live pokes need one that streams an answer's body. */
  readonly fetch?: Fetch | undefined
  readonly clock?: Clock | undefined
  readonly connectivity?: Connectivity | undefined
  readonly limits?: Partial<TimeLimits> | undefined
}

/** @throws Error for an invalid address */
export const httpLink = (options: HttpLinkOptions): HttpLink => ({
  url: serverUrl(options.url),
  // Some platforms' own functions throw when called unbound.
  fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
  clock: options.clock ?? systemClock,
  limits: { ...TIME_LIMITS, ...options.limits },
  connectivity: options.connectivity ?? platformConnectivity(),
})
