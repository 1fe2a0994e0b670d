import type { Clock, IdentityPort, Runtime } from '@fieldsync/services'

import type { Verbs } from './verbs.ts'

/** Bounds of one request (ERR-17). */
export type ApiLimits = {
  /** Largest body in bytes, on the wire and decoded. */
  readonly maxBytes: number
  /** Maximum upserts in one batch. */
  readonly maxRecords: number
}

export const DEFAULT_LIMITS: ApiLimits = { maxBytes: 8 * 1024 * 1024, maxRecords: 1000 }

/**
 * A budget that all servers on one database count together (PEO-16, ERR-18): attempts to sign in by address and account, by
 * address, to enter a second factor, and to use the code of a link; refused enrollments and requests for a token, by address
 * and by the client that was named.
 */
export type SharedRateKey =
  `${'sign-in' | 'sign-in-address' | 'second-factor' | 'second-factor-person' | 'link' | RefusalKind}:${string}`
/** Refusals that all servers count together. */
export type RefusalKind = 'failed-enrollment' | 'failed-token'
/** The owner of the budget: a device (`device:<workspace>/<device>`), or an address that sent a bad credential. */
export type RateKey = `device:${string}` | `failed-credential:${string}` | SharedRateKey
export type RateVerdict = { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number }

/** Counts calls per key (ERR-18). `points`: the calls in one HTTP request, more than 1 only in a tRPC batch. */
export type RateLimiter = { consume(key: RateKey, points: number): RateVerdict | Promise<RateVerdict> }

/** Where the API logs what must not reach a client. A pino logger fits. */
export type ApiLogger = {
  warn(fields: Record<string, unknown>, message: string): void
  error(fields: Record<string, unknown>, message: string): void
}

/** How long a stream may be silent, and how long a client may take to read, milliseconds. */
export type StreamTiming = { readonly keepAliveMs: number; readonly stalledMs: number }

/** What the API needs from the process it runs in. */
export type ApiOptions = {
  readonly runtime: Runtime
  readonly clock: Clock
  readonly rateLimiter: RateLimiter
  readonly logger: ApiLogger
  /** Version of the server, for health and the OpenAPI document. */
  readonly version: string
  readonly limits?: ApiLimits
  /** The address where clients reach this server, without a trailing slash; if absent, links are relative. */
  readonly publicUrl?: string | undefined
  readonly streamTiming?: StreamTiming
  /** The credentials of people; without it nobody signs in. */
  readonly identity?: IdentityPort | undefined
  /** The server's verbs; by default those of `@fieldsync/services`. */
  readonly verbs?: Verbs
}
