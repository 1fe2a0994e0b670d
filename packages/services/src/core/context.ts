import type { Database } from '@fieldsync/db'
import type { Actor } from '@fieldsync/domain'

import type { Clock } from './clock.ts'

/** A caller whose credential was verified. */
export type AuthenticatedActor = Actor & {
  /** State of the device's rights when they were read; a sync checks that it is still the same. */
  epoch: number
  /** Only on a caller from memory: reads its rights anew. @throws ServiceError AUTH_REQUIRED */
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
