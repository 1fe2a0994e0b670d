import type { OutgoingHttpHeaders } from 'node:http'

import type { ServiceError } from '@fieldsync/services'

const DEFAULT_RETRY_SECONDS = 1

/** The headers an error needs besides its body: when to retry, how to authenticate, what is allowed. */
export function errorHeaders(error: ServiceError): OutgoingHttpHeaders {
  switch (error.code) {
    case 'RATE_LIMITED':
    case 'UNAVAILABLE':
      return {
        'retry-after': String(Math.max(1, Math.ceil(error.retryAfterSeconds ?? DEFAULT_RETRY_SECONDS))),
      }
    case 'AUTH_REQUIRED':
      // RFC 6750: `error` only where a credential was sent.
      return {
        'www-authenticate':
          error.details?.['reason'] === 'missing'
            ? 'Bearer realm="fieldsync"'
            : 'Bearer realm="fieldsync", error="invalid_token"',
      }
    case 'METHOD_NOT_ALLOWED':
      return { allow: allowOf(error) }
    default:
      return {}
  }
}

const allowOf = ({ details }: ServiceError): string => {
  const allow = details?.['allow']
  return Array.isArray(allow) ? allow.join(', ') : ''
}
