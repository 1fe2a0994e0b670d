import type { IncomingMessage } from 'node:http'

import { ServiceError } from '@fieldsync/services'
import { TRPCError } from '@trpc/server'

import type { ApiLogger } from './api-options.ts'
import {
  internalError,
  malformedBody,
  methodNotAllowed,
  notFound,
  notJson,
  unsupportedMediaType,
} from './refusals.ts'
import { noteFailure, requestState } from './request-state.ts'

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

/** {@link asServiceError}, noted for the log: its cause with the request, and a line with the stack where it is a bug. */
export function reportedError(
  error: unknown,
  logger: ApiLogger,
  req: IncomingMessage,
  operation: string,
): ServiceError {
  const reported = asServiceError(error)
  const state = requestState(req)
  if (reported.cause !== undefined) state.cause = reported.cause
  noteFailure(req, reported, state.operations.includes(operation) ? operation : undefined)
  if (reported.code === 'INTERNAL_ERROR')
    logger.error({ ...state.ids, operation, err: reported.cause ?? reported }, 'unexpected error')
  return reported
}
