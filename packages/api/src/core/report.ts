import type { ServiceError } from '@fieldsync/services'

import type { ApiLogger } from './api-options.ts'
import { asServiceError } from './as-service-error.ts'
import type { RequestIds } from './request-ids.ts'

const causes = new WeakMap<RequestIds, unknown>()

/**
 * The cause of a failure that its caller sees only in general terms, for the log; undefined where there is nothing to
 * add.
 */
export const causeOf = (ids: RequestIds): unknown => causes.get(ids)

/** {@link asServiceError}, and a log line with the stack where the error is a bug. */
export function reportedError(
  error: unknown,
  logger: ApiLogger,
  ids: RequestIds,
  operation: string,
): ServiceError {
  const reported = asServiceError(error)
  if (reported.cause !== undefined) causes.set(ids, reported.cause)
  if (reported.code === 'INTERNAL_ERROR')
    logger.error({ ...ids, operation, err: reported.cause ?? reported }, 'unexpected error')
  return reported
}
