import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Identifies one request in its answer and in every log line (HDR-3). */
export type RequestIds = { readonly requestId: string; readonly traceId: string }

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/

const known = new WeakMap<IncomingMessage, RequestIds>()

/**
 * The ids of a request, the same at every call: `x-request-id` if it is a plain token (RFC 9110), the trace id of a
 * valid W3C `traceparent`; missing or invalid ones are generated.
 */
export function requestIds(req: IncomingMessage): RequestIds {
  const seen = known.get(req)
  if (seen) return seen
  const given = req.headers['x-request-id']
  const ids = {
    requestId: typeof given === 'string' && TOKEN.test(given) ? given : randomUUID(),
    traceId: traceIdOf(req.headers['traceparent']) ?? randomUUID().replaceAll('-', ''),
  }
  known.set(req, ids)
  return ids
}

/** Version 00 ends after the flags; a later version may append fields, which are ignored (W3C Trace Context). */
function traceIdOf(traceparent: string | string[] | undefined): string | undefined {
  if (typeof traceparent !== 'string') return undefined
  const [, version, traceId, suffix] = TRACEPARENT.exec(traceparent) ?? []
  return version === '00' && suffix !== undefined ? undefined : traceId
}
