import { randomUUID } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'

import { sendError } from '@fieldsync/api'
import { ERROR_TABLE, type ErrorCode, type ErrorEnvelope } from '@fieldsync/contracts'
import { ServiceError } from '@fieldsync/services'

/**
 * Answers 503 outside the API, before it is up or after it is down.
 * @param options.close ends the connection after the answer.
 */
export function sendUnavailable(
  request: IncomingMessage,
  response: ServerResponse,
  message: string,
  options: { readonly retryAfterSeconds: number; readonly close: boolean },
): void {
  const { retryAfterSeconds } = options
  if (options.close) response.setHeader('connection', 'close')
  sendError(request, response, new ServiceError('UNAVAILABLE', message, { retryAfterSeconds }), new Date())
}

/** Answers 404 for an address that nobody serves. */
export function sendNotFound(request: IncomingMessage, response: ServerResponse): void {
  sendError(request, response, new ServiceError('NOT_FOUND', 'There is nothing at this address'), new Date())
}

/** A whole error answer as text, for a connection on which no request could be read (ERR-1). */
export function rawErrorAnswer(code: ErrorCode, message: string): string {
  const { status, retryable } = ERROR_TABLE[code]
  const requestId = randomUUID()
  const envelope: ErrorEnvelope = {
    requestId,
    timestamp: new Date().toISOString(),
    error: { code, message, retryable, traceId: requestId.replaceAll('-', '') },
  }
  const body = JSON.stringify(envelope)
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
