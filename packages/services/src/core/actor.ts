import type { Actor } from '@fieldsync/domain'

/** A caller whose credential was verified. */
export type AuthenticatedActor = Actor & {
  /** State of the device's rights when they were read; a sync checks that it is still the same. */
  epoch: number
  /** Only on a caller from memory: reads its rights again. @throws ServiceError AUTH_REQUIRED */
  confirm?: () => Promise<AuthenticatedActor>
}
