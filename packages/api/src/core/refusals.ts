import { CONTRACT_VERSION, type ContractReason, MINIMUM_CONTRACT_VERSION } from '@fieldsync/contracts'
import { ServiceError, validationError } from '@fieldsync/services'

import type { ApiLimits } from './api-options.ts'

/** The body as a whole cannot be read. */
export const malformedBody = (message: string): ServiceError => validationError([{ path: '', message }])

/** What is wrong with a text that JSON.parse rejected. */
export function notJson(error: unknown): string {
  const [place] = (error instanceof Error && /\bat position \d+/.exec(error.message)) || ['']
  return `is not valid JSON ${place}`.trim()
}

export const payloadTooLarge = ({ maxBytes, maxRecords }: ApiLimits): ServiceError =>
  new ServiceError('PAYLOAD_TOO_LARGE', 'The request is too large; split it', {
    details: { maxBytes, maxRecords },
  })

export const unsupportedMediaType = (message: string): ServiceError =>
  new ServiceError('UNSUPPORTED_MEDIA_TYPE', message)

/** The client's contract and this server's have nothing in common that both may rely on (HDR-9). */
export const contractUnsupported = (reason: ContractReason): ServiceError =>
  new ServiceError(
    'CONTRACT_UNSUPPORTED',
    reason === 'client_older'
      ? `This server takes contract ${MINIMUM_CONTRACT_VERSION} and later; update the app.`
      : `This server speaks contract ${CONTRACT_VERSION}; update the server.`,
    { details: { reason, minimum: MINIMUM_CONTRACT_VERSION, maximum: CONTRACT_VERSION } },
  )

/** The access token has none of the scopes of an operation. */
export const outOfScope = (scopes: readonly string[]): ServiceError =>
  new ServiceError('FORBIDDEN', `An access token for ${scopes.join(' ')} does not allow this.`, {
    details: { reason: 'scope' },
  })

/** An operation of which neither a pre-shared token nor a person's session is a proof (WTH-8). */
export const needsAccessToken = (scopes: readonly string[]): ServiceError =>
  new ServiceError(
    'FORBIDDEN',
    `This takes an access token of the scope ${scopes.join(' or ')}, which a device with a key or a service can get.`,
    { details: { reason: 'scope' } },
  )

export const notFound = (message: string): ServiceError => new ServiceError('NOT_FOUND', message)

/** @param allow methods of the route, also sent in the `Allow` header (RFC 9110, 15.5.6) */
export const methodNotAllowed = (allow: string[]): ServiceError =>
  new ServiceError('METHOD_NOT_ALLOWED', `This address only accepts ${allow.join(', ')}`, {
    details: { allow },
  })

export const rateLimited = (retryAfterSeconds: number): ServiceError =>
  new ServiceError('RATE_LIMITED', 'Too many requests; wait before sending the next one', {
    retryAfterSeconds,
  })

/** The server, or this caller's share of it, has as many request bodies or answers in memory as allowed. */
export const overloaded = (): ServiceError =>
  new ServiceError('UNAVAILABLE', 'The server is busy with large requests or answers; try again shortly.', {
    retryAfterSeconds: 1,
  })

export const internalError = (cause: unknown): ServiceError =>
  new ServiceError('INTERNAL_ERROR', 'The server encountered an unexpected error', { cause })
