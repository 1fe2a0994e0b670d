import { ERROR_TABLE, type ErrorEnvelope } from '@fieldsync/contracts'
import type { ServiceError } from '@fieldsync/services'

import type { RequestIds } from './request-state.ts'

type JsonDetails = NonNullable<ErrorEnvelope['error']['details']>

/** The body of an error answer (ERR-1). */
export function errorEnvelope(
  error: ServiceError,
  { requestId, traceId }: RequestIds,
  now: Date,
): ErrorEnvelope {
  const { code, message, details } = error
  const { retryable } = ERROR_TABLE[code]
  return {
    requestId,
    timestamp: now.toISOString(),
    // Details consist of JSON values: a ServiceError is thrown to be sent.
    error: { code, message, retryable, traceId, ...(details ? { details: details as JsonDetails } : {}) },
  }
}
