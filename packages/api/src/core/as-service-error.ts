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

/** The only error a client may see: what a verb threw, or INTERNAL_ERROR for everything unforeseen (ERR-20). */
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
      // With a cause that is neither, it is a bug in one of our parsers.
      return error.cause === undefined ? malformedBody(error.message) : internalError(error.cause)
    default:
      return internalError(error.cause ?? error)
  }
}
