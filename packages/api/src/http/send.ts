import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'

import { ERROR_TABLE } from '@fieldsync/contracts'
import type { ServiceError } from '@fieldsync/services'

import { errorEnvelope } from '../errors/envelope.ts'
import { errorHeaders } from '../errors/error-headers.ts'
import { discardRest } from './discard-rest.ts'
import { type RequestIds, requestIds } from './request-ids.ts'

const DISCARD_BUDGET_BYTES = 64 * 1024 * 1024

/** Sends JSON text as it is. */
export function sendJson(
  res: ServerResponse,
  ids: RequestIds,
  status: number,
  json: string | Uint8Array,
  headers?: OutgoingHttpHeaders,
): void {
  if (res.headersSent || res.destroyed) return
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(json),
    'cache-control': 'no-store',
    'x-request-id': ids.requestId,
    ...headers,
  })
  res.end(json)
}

/** Sends the error envelope with its status and headers (ERR-1); what is left of the request's body is thrown away. */
export function sendError(req: IncomingMessage, res: ServerResponse, error: ServiceError, now: Date): void {
  const ids = requestIds(req)
  sendRefusal(req, res, error, JSON.stringify(errorEnvelope(error, ids, now)))
}

/** As {@link sendError} with a body of another form. */
export function sendRefusal(
  req: IncomingMessage,
  res: ServerResponse,
  error: ServiceError,
  json: string,
): void {
  sendJson(res, requestIds(req), ERROR_TABLE[error.code].status, json, errorHeaders(error))
  discardRest(req, DISCARD_BUDGET_BYTES)
}
