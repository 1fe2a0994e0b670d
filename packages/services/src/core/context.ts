import type { AuthenticatedActor } from './actor.ts'
import type { Runtime } from './runtime.ts'
import type { Span } from './telemetry.ts'

export type RequestInfo = {
  requestId: string
  /** W3C trace id. */
  traceId: string
  via: 'rest' | 'trpc' | 'cli' | 'system'
  /** For writes: `Idempotency-Key` without quotes, or what stands in for it (IDM-1). */
  idempotencyKey: string
  /** The contract version that the client announces; undefined where it announces none (HDR-4). */
  contract?: string | undefined
  /** Undefined where nobody traces the request. */
  span?: Span | undefined
}

/** For verbs that the operator runs on the server itself, by the command line or at start: no workspace is chosen yet. */
export type AdminContext = {
  runtime: Runtime
  clock: Clock
  request: RequestInfo
}

/** What every verb needs besides its input. */
export type ServiceContext = AdminContext & { actor: AuthenticatedActor }

/** The time of day as an input, so that tests can set it. */
export type Clock = { now(): Date }

export const systemClock: Clock = { now: () => new Date() }

/** The clock's time in microseconds since the epoch, the unit of effective times. */
export const nowMicros = (now: Date): number => now.getTime() * 1000
