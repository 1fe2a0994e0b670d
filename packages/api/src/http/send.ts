import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'

import { CONTRACT_HEADER, CONTRACT_VERSION, ERROR_TABLE } from '@fieldsync/contracts'
import type { ServiceError } from '@fieldsync/services'

import { errorEnvelope } from '../core/envelope.ts'
import { MemoryBudget } from '../core/memory-budget.ts'
import { overloaded } from '../core/refusals.ts'
import { noteFailure, type RequestIds, requestIds, requestState } from '../core/request-state.ts'
import { compressed, isCompressible } from './compression.ts'

// A short text is sent in one piece with the head.
const ENCODED_AHEAD = 16 * 1024
const DISCARD_BUDGET_BYTES = 64 * 1024 * 1024
const DEFAULT_RETRY_SECONDS = 1

const MiB = 1024 * 1024

/** Below this size an answer is not counted: ten thousand of them fit in memory. */
const SMALL_BYTES = 64 * 1024

/**
 * Memory for answers that clients have not read yet. A page is about 4 MiB, and a client that requests one on each of a
 * thousand connections and reads none would otherwise make the process buffer them all.
 */
const answers = new MemoryBudget(256 * MiB, 64 * MiB)

/** The parts of an answer besides status and body. */
export type AnswerOptions = {
  readonly headers?: OutgoingHttpHeaders | undefined
  /** The answer contains a secret: its compressed length would depend on it. */
  readonly hasSecret?: boolean | undefined
}

/**
 * Sends JSON text unchanged, compressed where the client accepts that (HDR-5). If there is no room for it, the
 * connection is closed: a write has taken effect, and its client, which gets no answer, retries and gets a replay.
 * @throws ServiceError UNAVAILABLE if there is no room for the answer to a request that changes nothing
 */
export function sendJson(
  res: ServerResponse,
  ids: RequestIds,
  status: number,
  json: string | readonly string[],
  { headers, hasSecret = false }: AnswerOptions = {},
): void {
  if (res.headersSent || res.destroyed) return
  const body = encoded(typeof json === 'string' ? [json] : json)
  const bytes = Buffer.byteLength(body)
  if (!takeAnswer(res, bytes)) {
    if (res.req.method === 'GET' && status < 400) throw overloaded()
    res.destroy()
    return
  }
  if (hasSecret) return sendBody(res, ids, status, body, headers)
  res.appendHeader('vary', 'accept-encoding')
  if (!isCompressible(res.req, bytes)) return sendBody(res, ids, status, body, headers)
  compressed(body, () => !res.destroyed).then(
    (gzipped) => gzipped && sendBody(res, ids, status, gzipped, { ...headers, 'content-encoding': 'gzip' }),
    () => sendBody(res, ids, status, body, headers),
  )
}

/** Sends a body of JSON whose encoding, if it has one, is among the headers. */
export function sendBody(
  res: ServerResponse,
  ids: RequestIds,
  status: number,
  body: string | Uint8Array,
  headers?: OutgoingHttpHeaders,
): void {
  if (res.headersSent || res.destroyed) return
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-request-id': ids.requestId,
    [CONTRACT_HEADER]: CONTRACT_VERSION,
    ...headers,
  })
  res.end(body)
}

/**
 * A long text as bytes: Node would pass over it once for its length, once to join it to the head and once to send it.
 * In pieces, since a text of that length would first have to be assembled.
 */
function encoded(pieces: readonly string[]): string | Buffer {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  if (length <= ENCODED_AHEAD) return pieces.join('')
  const bytes = Buffer.allocUnsafe(pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0))
  let end = 0
  for (const piece of pieces) end += bytes.write(piece, end)
  return bytes
}

/** Sends the error envelope with its status and headers (ERR-1); the rest of the request's body is discarded. */
export function sendError(req: IncomingMessage, res: ServerResponse, error: ServiceError, now: Date): void {
  const ids = requestIds(req)
  sendRefusal(req, res, error, JSON.stringify(errorEnvelope(error, ids, now)))
}

/** Like {@link sendError}, with a different body. */
export function sendRefusal(
  req: IncomingMessage,
  res: ServerResponse,
  error: ServiceError,
  json: string,
): void {
  if (requestState(req).failures.length === 0) noteFailure(req, error)
  sendJson(res, requestIds(req), ERROR_TABLE[error.code].status, json, { headers: errorHeaders(error) })
  discardRest(req)
}

/** The headers an error needs besides its body: when to retry, how to authenticate, what is allowed. */
export function errorHeaders(error: ServiceError): OutgoingHttpHeaders {
  switch (error.code) {
    case 'RATE_LIMITED':
    case 'UNAVAILABLE':
      return {
        'retry-after': String(Math.max(1, Math.ceil(error.retryAfterSeconds ?? DEFAULT_RETRY_SECONDS))),
      }
    case 'AUTH_REQUIRED':
      return { 'www-authenticate': challenge(error.details?.['reason']) }
    case 'METHOD_NOT_ALLOWED':
      return { allow: allowOf(error) }
    default:
      return {}
  }
}

/** RFC 6750 and RFC 9449: `error` only where a credential was sent. */
function challenge(reason: unknown): string {
  const ofProof = 'DPoP algs="ES256"'
  switch (reason) {
    case 'missing':
      return `Bearer realm="fieldsync", ${ofProof}`
    case 'nonce':
      return `${ofProof}, error="use_dpop_nonce"`
    case 'proof_invalid':
    case 'replayed':
      return `${ofProof}, error="invalid_dpop_proof"`
    default:
      return `Bearer realm="fieldsync", error="invalid_token", ${ofProof}, error="invalid_token"`
  }
}

const allowOf = ({ details }: ServiceError): string => {
  const allow = details?.['allow']
  return Array.isArray(allow) ? allow.join(', ') : ''
}

/** @returns false if there is currently no room for an answer of this many bytes */
const takeAnswer = (res: ServerResponse, bytes: number): boolean =>
  bytes <= SMALL_BYTES || answers.take(res, bytes)

/**
 * Reads the rest of a refused request and discards it: a client that is still sending sees the answer, and the
 * connection serves its next request. A body without an end is cut off.
 */
export function discardRest(req: IncomingMessage): void {
  if (req.readableEnded || req.destroyed) return
  let left = DISCARD_BUDGET_BYTES
  req.on('error', () => undefined)
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) req.destroy()
  })
  // A request that was unpiped is paused, and a listener alone does not start it again.
  req.resume()
}
