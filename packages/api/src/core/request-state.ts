import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Identifies one request in its answer and in every log line (HDR-3). */
export type RequestIds = { readonly requestId: string; readonly traceId: string }

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/

/** What is known of a request beside its headers. */
export type RequestState = {
  readonly ids: RequestIds
  /** Whose share of the memory it uses: the device once that is identified; empty before. */
  caller: string
  /** The cause of a failure that the caller sees only in general terms, for the log. */
  cause: unknown
}

const states = new WeakMap<IncomingMessage, RequestState>()

/**
 * The state of a request, the same at every call. Its ids: `x-request-id` if it is a plain token (RFC 9110), the trace id
 * of a valid W3C `traceparent`; missing or invalid ones are generated.
 */
export function requestState(req: IncomingMessage): RequestState {
  const known = states.get(req)
  if (known) return known
  const given = req.headers['x-request-id']
  const ids = {
    requestId: typeof given === 'string' && TOKEN.test(given) ? given : randomUUID(),
    traceId: traceIdOf(req.headers['traceparent']) ?? randomUUID().replaceAll('-', ''),
  }
  const state = { ids, caller: '', cause: undefined }
  states.set(req, state)
  return state
}

export const requestIds = (req: IncomingMessage): RequestIds => requestState(req).ids

/** The cause of a failure that its caller sees only in general terms; undefined where there is nothing to add. */
export const causeOf = (req: IncomingMessage): unknown => requestState(req).cause

/** Version 00 ends after the flags; a later version may append fields, which are ignored (W3C Trace Context). */
function traceIdOf(traceparent: string | string[] | undefined): string | undefined {
  if (typeof traceparent !== 'string') return undefined
  const [, version, traceId, suffix] = TRACEPARENT.exec(traceparent) ?? []
  return version === '00' && suffix !== undefined ? undefined : traceId
}
