import {
  MAX_ID_LENGTH,
  MAX_ISSUES,
  parseSyncBatch,
  type SyncBatchRequest,
  type ValidationIssue,
} from '@fieldsync/contracts'

import type { Refused } from '../refused.ts'
import type { ServerCall } from '../server-call.ts'

/** Bounds of one request (ERR-17). */
export type ModelLimits = { readonly maxBytes: number; readonly maxRecords: number }

/** The batch and the key it comes under, or what the contract says against them, all at once (ERR-4 to ERR-7). */
export function readBatch(
  call: ServerCall,
  limits: ModelLimits,
): { batch: SyncBatchRequest; key: string } | { refused: Refused } {
  const parsed = parsedBody(call)
  if (parsed === NOT_JSON) return { refused: validationError([{ path: '', message: 'is not valid JSON' }]) }
  const named = readKey(call.key)
  if (!parsed.ok || 'issue' in named) {
    const inHeaders = 'issue' in named ? [named.issue] : []
    return {
      refused: validationError(
        [...inHeaders, ...(parsed.ok ? [] : parsed.issues)],
        parsed.ok ? 0 : parsed.more,
      ),
    }
  }
  if (numberOfRecords(parsed.value) > limits.maxRecords) return { refused: tooLarge(limits) }
  return { batch: parsed.value, key: named.key }
}

export const tooLarge = (limits: ModelLimits): Refused => ({
  code: 'PAYLOAD_TOO_LARGE',
  details: { ...limits },
})

export const numberOfRecords = ({ upserts }: SyncBatchRequest): number =>
  upserts.observations.length + upserts.recommendations.length + upserts.playbookPatches.length

export const NOT_JSON = Symbol('not JSON')
type ParsedBody = ReturnType<typeof parseSyncBatch> | typeof NOT_JSON

// A call is the same object for all that look at it on its way, and its batch is not changed by any.
const parsedBodies = new WeakMap<ServerCall, ParsedBody>()

/** What the body of a call says, read once for each call. */
export function parsedBody(call: ServerCall): ParsedBody {
  const known = parsedBodies.get(call)
  if (known !== undefined) return known
  const parsed = parseBody(call.body)
  parsedBodies.set(call, parsed)
  return parsed
}

function parseBody(text: string): ParsedBody {
  try {
    return parseSyncBatch(JSON.parse(text))
  } catch (error) {
    if (error instanceof SyntaxError) return NOT_JSON
    throw error
  }
}

/** A key given bare or as a quoted string is the same key (HDR-1). */
function readKey(header: string | undefined): { key: string } | { issue: ValidationIssue } {
  const issue = (message: string) => ({ issue: { path: '/headers/idempotency-key', message } })
  if (header === undefined) return issue('is required')
  const key = header.startsWith('"') && header.endsWith('"') ? header.slice(1, -1) : header
  return key.length >= 1 && key.length <= MAX_ID_LENGTH
    ? { key }
    : issue(`must have 1 to ${MAX_ID_LENGTH} characters`)
}

function validationError(issues: ValidationIssue[], more = 0): Refused {
  const unlisted = more + Math.max(0, issues.length - MAX_ISSUES)
  return {
    code: 'VALIDATION_ERROR',
    details: { issues: issues.slice(0, MAX_ISSUES), ...(unlisted > 0 && { more: unlisted }) },
  }
}
