import type { Database } from '@fieldsync/db'
import type { Actor } from '@fieldsync/domain'

/** A caller whose credential was verified. */
export type AuthenticatedActor = Actor & {
  /** State of the device's rights when they were read; a sync checks that it is still the same. */
  epoch: number
  /** Only on a caller from memory: reads its rights again. @throws ServiceError AUTH_REQUIRED */
  confirm?: () => Promise<AuthenticatedActor>
}

export type RequestInfo = {
  requestId: string
  /** W3C trace id. */
  traceId: string
  via: 'rest' | 'trpc' | 'cli' | 'system'
  /** For writes: `Idempotency-Key` without quotes, or what stands in for it (IDM-1). */
  idempotencyKey: string
}

/** What every verb needs besides its input. */
export type ServiceContext = {
  db: Database
  clock: Clock
  actor: AuthenticatedActor
  request: RequestInfo
}

/** The time of day as an input, so that tests can set it. */
export type Clock = { now(): Date }

export const systemClock: Clock = { now: () => new Date() }

/** The clock's time in microseconds since the epoch, the unit of effective times. */
export const nowMicros = (now: Date): number => now.getTime() * 1000
