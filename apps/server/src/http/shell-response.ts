import { randomUUID } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'

import { sendError } from '@fieldsync/api'
import { CONTRACT_HEADER, CONTRACT_VERSION, ERROR_TABLE } from '@fieldsync/contracts'
import { ServiceError, validationError } from '@fieldsync/services'

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

/** Answers 404 for an unknown address. */
export function sendNotFound(request: IncomingMessage, response: ServerResponse): void {
  sendError(request, response, new ServiceError('NOT_FOUND', 'There is nothing at this address'), new Date())
}

/** Answers 400 for a header that HTTP itself does not allow (ERR-5). */
export function sendBadHeader(
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  message: string,
): void {
  sendError(request, response, validationError([{ path: `/headers/${name}`, message }]), new Date())
}

/** A complete 400 answer as text, for a connection on which no request could be read (ERR-1). */
export function rawBadRequest(message: string): string {
  const { code, message: summary, details } = validationError([{ path: '', message }])
  const { status, retryable } = ERROR_TABLE[code]
  const requestId = randomUUID()
  const envelope = {
    requestId,
    timestamp: new Date().toISOString(),
    error: { code, message: summary, retryable, traceId: requestId.replaceAll('-', ''), details },
  }
  const body = JSON.stringify(envelope)
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    `${CONTRACT_HEADER}: ${CONTRACT_VERSION}`,
    'Cache-Control: no-store',
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
