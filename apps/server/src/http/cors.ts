import type { IncomingMessage, ServerResponse } from 'node:http'

import { CONTRACT_HEADER, NONCE_HEADER, PROOF_HEADER } from '@fieldsync/contracts'

/** @returns whether the request is answered */
export type AnswerFirst = (request: IncomingMessage, response: ServerResponse) => boolean

const METHODS = 'GET, HEAD, POST'
const REQUEST_HEADERS = [
  'authorization',
  'x-device-token',
  PROOF_HEADER,
  'content-type',
  'content-encoding',
  'idempotency-key',
  CONTRACT_HEADER,
  'traceparent',
  'tracestate',
  'x-request-id',
  'trpc-accept',
].join(', ')
const EXPOSED_HEADERS = [
  'retry-after',
  CONTRACT_HEADER,
  'idempotency-replayed',
  'link',
  'x-request-id',
  'www-authenticate',
  NONCE_HEADER,
  'allow',
  'etag',
].join(', ')
/** The maximum that Chromium accepts, in seconds. */
const MAX_AGE = '7200'

const API = /^\/(?:v1|trpc|oauth|\.well-known\/oauth-authorization-server)(?:[/?]|$)/

/**
 * Lets pages of the listed origins call the API (HDR-7, HDR-8): it answers their preflights and marks every other answer
 * to them, errors and event streams too. Credentials in the sense of CORS (cookies) are never allowed: a token is an
 * ordinary header. Requests of other origins are served as if there were no list, so that their browsers refuse them.
 */
export function allowOrigins(origins: readonly string[]): AnswerFirst {
  const allowed = new Set(origins)
  return (request, response) => {
    if (allowed.size === 0 || !API.test(request.url ?? '')) return false
    response.appendHeader('vary', 'origin')
    const { origin } = request.headers
    if (origin === undefined || !allowed.has(origin)) return false
    response.setHeader('access-control-allow-origin', origin)
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
      response.setHeader('access-control-expose-headers', EXPOSED_HEADERS)
      return false
    }
    response.writeHead(204, {
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': REQUEST_HEADERS,
      'access-control-max-age': MAX_AGE,
      'content-length': 0,
    })
    response.end()
    return true
  }
}
