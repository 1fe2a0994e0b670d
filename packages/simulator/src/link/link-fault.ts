import type { ErrorCode } from '@fieldsync/contracts'

/** Something in between that answers instead of the server, or the server itself before it reads a batch. */
export type RefusedByLink = {
  kind: 'refused'
  code: Extract<
    ErrorCode,
    'RATE_LIMITED' | 'UNAVAILABLE' | 'INTERNAL_ERROR' | 'AUTH_REQUIRED' | 'PAYLOAD_TOO_LARGE'
  >
  retryAfterSeconds?: number
}

/** What goes wrong with one call; times are milliseconds. A plan of them is plain JSON. */
export type LinkFault =
  /** It never arrives. */
  | { kind: 'lost_request' }
  /** It arrives and has its effect; the answer never comes: a lost acknowledgement. */
  | { kind: 'lost_answer' }
  /** It takes longer, so that a later one may come before it; beyond the time-out it still arrives, unheard. */
  | { kind: 'delayed'; request: number; answer: number }
  /** It arrives a second time, so much later. */
  | { kind: 'duplicated'; later: number }
  /** Only this part of the answer's body comes through. */
  | { kind: 'truncated'; share: number }
  /** Something in between answers in its own words, as a captive portal does, and the server sees nothing. */
  | { kind: 'intercepted'; status: InterceptedStatus }
  /** The address redirects, which is not followed. */
  | { kind: 'redirected' }
  | RefusedByLink

export type InterceptedStatus = 200 | 403 | 415 | 511
