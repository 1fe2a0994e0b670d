import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import type { ErrorCode } from '@fieldsync/contracts'
import type { ServiceError, Span } from '@fieldsync/services'

/** Identifies one request in its answer and in every log line (HDR-3). */
export type RequestIds = { readonly requestId: string; readonly traceId: string }

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/

/** A refusal or failure, as its caller sees it. */
export type Failure = {
  /** Undefined for the request as a whole. */
  readonly operation: string | undefined
  readonly code: ErrorCode
  readonly reason: string | undefined
}

/** What is known of a request beside its headers. */
export type RequestState = {
  readonly ids: RequestIds
  /** What it calls: names of the contract's tables alone, so that there are no more than these. */
  operations: readonly string[]
  /** The caller, once it is identified. */
  workspaceId: string | undefined
  deviceId: string | undefined
  readonly failures: Failure[]
  /** Its answer was stored by an earlier request (IDM-2). */
  replayed: boolean
  /** Undefined where nobody traces it. */
  span: Span | undefined
  /** Whose share of the memory it uses: the device once that is identified; empty before. */
  caller: string
  /** The cause of a failure that the caller sees only in general terms, for the log. */
  cause: unknown
}

const NONE: readonly string[] = []
const states = new WeakMap<IncomingMessage, RequestState>()

/**
 * The state of a request, the same at every call. Its ids: `x-request-id` if it is a plain token (RFC 9110), the trace id
 * of a valid W3C `traceparent`; missing or invalid ones are generated.
 */
export function requestState(req: IncomingMessage): RequestState {
  const known = states.get(req)
  if (known) return known
  const state = newState(req)
  states.set(req, state)
  return state
}

/**
 * Begins a request that is traced: its ids name the trace that its span is in.
 * @param begin gets the caller's `traceparent` where that is valid
 */
export function traceRequest(
  req: IncomingMessage,
  begin: (traceparent: string | undefined) => { readonly span: Span; readonly traceId: string },
): void {
  const given = req.headers['traceparent']
  const { span, traceId } = begin(traceIdOf(given) === undefined ? undefined : String(given))
  states.set(req, { ...newState(req, traceId), span })
}

function newState(req: IncomingMessage, traceId = traceIdOf(req.headers['traceparent'])): RequestState {
  const given = req.headers['x-request-id']
  const ids = {
    requestId: typeof given === 'string' && TOKEN.test(given) ? given : randomUUID(),
    traceId: traceId ?? randomUUID().replaceAll('-', ''),
  }
  return {
    ids,
    operations: NONE,
    workspaceId: undefined,
    deviceId: undefined,
    failures: [],
    replayed: false,
    span: undefined,
    caller: '',
    cause: undefined,
  }
}

export const requestIds = (req: IncomingMessage): RequestIds => requestState(req).ids

/** Notes a failure for the log and the counts. @param operation undefined for the request as a whole */
export function noteFailure(req: IncomingMessage, { code, details }: ServiceError, operation?: string): void {
  const reason = details?.['reason']
  requestState(req).failures.push({
    operation,
    code,
    reason: typeof reason === 'string' ? reason : undefined,
  })
}

/** The cause of a failure that its caller sees only in general terms; undefined where there is nothing to add. */
export const causeOf = (req: IncomingMessage): unknown => requestState(req).cause

/** Version 00 ends after the flags; a later version may append fields, which are ignored (W3C Trace Context). */
function traceIdOf(traceparent: string | string[] | undefined): string | undefined {
  if (typeof traceparent !== 'string') return undefined
  const [, version, traceId, suffix] = TRACEPARENT.exec(traceparent) ?? []
  return version === '00' && suffix !== undefined ? undefined : traceId
}
