import {
  AUTH_ACTIONS,
  type AuthReason,
  ERROR_TABLE,
  type ErrorCode,
  type ForbiddenReason,
} from '@fieldsync/contracts'

/** One `POST /v1/sync/batch` as it reaches a server. */
export type ServerCall = {
  /** The device token, if the call brings one. */
  readonly token: string | undefined
  /** The raw `Idempotency-Key` header. */
  readonly key: string | undefined
  /** The exact text of the body. */
  readonly body: string
}

/** What a server answered; header names are in lower case. */
export type ServerAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A call that is not answered with 2xx: one code of the error table and what its envelope says. */
export type Refused = {
  readonly code: ErrorCode
  readonly details?: Readonly<Record<string, unknown>>
  readonly retryAfterSeconds?: number
}

export const refusedCredential = (reason: AuthReason): Refused => ({
  code: 'AUTH_REQUIRED',
  details: { reason, action: AUTH_ACTIONS[reason] },
})

export const forbidden = (reason: ForbiddenReason): Refused => ({ code: 'FORBIDDEN', details: { reason } })

/** What something between device and server says in its own words: a page, and no envelope. */
export const bareRejection = (status: number): ServerAnswer => ({
  status,
  headers: {},
  body: `<html><title>${status}</title><p>Your request was blocked.</p></html>`,
})

/** The error envelope (ERR-1). @param request names the request; the same name gives the same bytes */
export function refusalAnswer(
  { code, details, retryAfterSeconds }: Refused,
  now: number,
  request: number,
): ServerAnswer {
  const { status, retryable } = ERROR_TABLE[code]
  return {
    status,
    headers: retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
    body: JSON.stringify({
      requestId: `request-${request}`,
      timestamp: new Date(now).toISOString(),
      error: { code, message: code, retryable, traceId: request.toString(16).padStart(32, '0'), details },
    }),
  }
}
