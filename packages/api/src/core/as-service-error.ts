import { ServiceError } from '@fieldsync/services'
import { TRPCError } from '@trpc/server'

import {
  internalError,
  malformedBody,
  methodNotAllowed,
  notFound,
  notJson,
  unsupportedMediaType,
} from './refusals.ts'

/** The one error a client may be told about: what a verb threw, or INTERNAL_ERROR for everything unforeseen (ERR-20). */
export function asServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error
  if (!(error instanceof TRPCError)) return internalError(error)
  if (error.cause instanceof ServiceError) return error.cause
  switch (error.code) {
    case 'NOT_FOUND':
      return notFound('No such procedure')
    case 'METHOD_NOT_SUPPORTED':
      return methodNotAllowed(['GET', 'POST'])
    case 'UNSUPPORTED_MEDIA_TYPE':
      return unsupportedMediaType('The body must be application/json in UTF-8')
    case 'BAD_REQUEST':
    case 'PARSE_ERROR':
      if (error.cause instanceof SyntaxError) return malformedBody(notJson(error.cause))
      // With a cause that is neither, a parser of ours broke.
      return error.cause === undefined ? malformedBody(error.message) : internalError(error.cause)
    default:
      return internalError(error.cause ?? error)
  }
}
