import { ERROR_TABLE } from '@fieldsync/contracts'
import type { ServiceError } from '@fieldsync/services'

/** An error of `/oauth/token` (RFC 6749, section 5.2), with what the API's errors say besides (ERR-21). */
export type OAuthError = {
  readonly status: number
  readonly body: {
    readonly error: string
    readonly error_description: string
    readonly reason?: string
    readonly action?: string
    /** The server's time: a client whose clock is wrong corrects itself by it. */
    readonly timestamp: string
  }
}

const PROOF_ERRORS: Readonly<Record<string, string>> = {
  nonce: 'use_dpop_nonce',
  proof_invalid: 'invalid_dpop_proof',
  replayed: 'invalid_dpop_proof',
}

/** A refusal in the words of OAuth. */
export function oauthError(error: ServiceError, now: Date): OAuthError {
  const { code, message, details } = error
  const [reason, action] = [details?.['reason'], details?.['action']]
  const described = {
    error_description: message,
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(typeof action === 'string' ? { action } : {}),
    timestamp: now.toISOString(),
  }
  const refused = (status: number, name: string): OAuthError => ({
    status,
    body: { error: name, ...described },
  })
  switch (code) {
    case 'AUTH_REQUIRED': {
      const ofProof = PROOF_ERRORS[String(reason)]
      return ofProof === undefined ? refused(401, 'invalid_client') : refused(400, ofProof)
    }
    case 'FORBIDDEN':
      return refused(400, 'invalid_scope')
    case 'UNAVAILABLE':
    case 'RATE_LIMITED':
      return refused(ERROR_TABLE[code].status, 'temporarily_unavailable')
    case 'INTERNAL_ERROR':
      return refused(500, 'server_error')
    case 'PAYLOAD_TOO_LARGE':
    case 'METHOD_NOT_ALLOWED':
    case 'UNSUPPORTED_MEDIA_TYPE':
      return refused(ERROR_TABLE[code].status, 'invalid_request')
    default:
      return refused(400, 'invalid_request')
  }
}
