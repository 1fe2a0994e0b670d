import { ERROR_CODES, type ErrorCode, SyncConflict } from '@fieldsync/contracts'
import { z } from 'zod'

import type { Refusal } from './read-refusal.ts'

const Anything = z.record(z.string(), z.json())
const Issue = z.object({ path: z.string(), message: z.string() })
const Issues = z.object({ issues: z.array(Issue), more: z.int().optional() })
const RefusedPatch = z.object({ issues: z.array(Issue), conflict: SyncConflict })

/** What each code carries besides its message (section "Codes" of the protocol). */
const ERROR_DETAILS = {
  VALIDATION_ERROR: Issues,
  PLAYBOOK_PATCH_PATH_NOT_ALLOWED: RefusedPatch,
  PLAYBOOK_PATCH_INVALID: RefusedPatch,
  AUTH_REQUIRED: z.object({ reason: z.string(), action: z.string() }),
  FORBIDDEN: z.object({ reason: z.string(), conflict: SyncConflict.optional() }),
  NOT_FOUND: Anything,
  METHOD_NOT_ALLOWED: z.object({ allow: z.array(z.string()) }),
  CONFLICT: z.object({ conflict: SyncConflict.optional(), reason: z.string().optional() }),
  IDEMPOTENCY_CONFLICT: Anything,
  PLAYBOOK_VERSION_MISMATCH: z.object({ activeVersion: z.int(), conflict: SyncConflict }),
  CURSOR_INVALID: Anything,
  CONTRACT_UNSUPPORTED: z.object({ reason: z.string(), minimum: z.string(), maximum: z.string() }),
  ENROLLMENT_INVALID: Anything,
  PAYLOAD_TOO_LARGE: z.object({ maxBytes: z.int(), maxRecords: z.int() }),
  UNSUPPORTED_MEDIA_TYPE: Anything,
  RATE_LIMITED: Anything,
  INTERNAL_ERROR: Anything,
  UNAVAILABLE: Anything,
} as const satisfies Record<ErrorCode, z.ZodType>

export type ErrorDetails<C extends ErrorCode> = z.infer<(typeof ERROR_DETAILS)[C]>

/** A code of a newer server, unknown to this client. */
export const UNKNOWN_CODE = 'UNKNOWN_CODE'
export type KnownOrNot = ErrorCode | typeof UNKNOWN_CODE

type DetailsOf<C extends KnownOrNot> = C extends ErrorCode ? ErrorDetails<C> : unknown

/** The server's refusal of a call: its error envelope. */
export class FieldsyncError<C extends KnownOrNot = KnownOrNot> extends Error {
  override readonly name = 'FieldsyncError'
  readonly code: C
  /** The code as the server sent it: of a newer server it may be unknown here. */
  readonly sentCode: string
  /** HTTP status. */
  readonly status: number
  /** Whether the same call may succeed later. */
  readonly retryable: boolean
  /** Both name the call in the server's log. */
  readonly requestId: string
  readonly traceId: string
  /** The details of the code; undefined if there are none, or not in the expected shape. */
  readonly details: DetailsOf<C> | undefined
  /** When to retry, in milliseconds from now. */
  readonly retryAfterMs: number | undefined

  constructor(code: C, refusal: Refusal) {
    super(refusal.message)
    this.code = code
    this.sentCode = refusal.code
    this.status = refusal.status
    this.retryable = refusal.retryable
    this.requestId = refusal.requestId
    this.traceId = refusal.traceId
    this.details = detailsOf(code, refusal.details)
    this.retryAfterMs = refusal.retryAfterMs
  }
}

/** The error for a refusal. */
export function fieldsyncError(refusal: Refusal): FieldsyncError {
  const known = ERROR_CODES.find((code) => code === refusal.code)
  return new FieldsyncError<KnownOrNot>(known ?? UNKNOWN_CODE, refusal)
}

/**
 * Whether an error is the server's refusal, and given a code, whether it has that code; then its details are typed.
 * @example if (isFieldsyncError(error, 'PAYLOAD_TOO_LARGE')) split(error.details?.maxRecords)
 */
export function isFieldsyncError<C extends KnownOrNot = KnownOrNot>(
  error: unknown,
  code?: C,
): error is FieldsyncError<C> {
  return error instanceof FieldsyncError && (code === undefined || error.code === code)
}

function detailsOf<C extends KnownOrNot>(code: C, details: unknown): DetailsOf<C> | undefined {
  if (details === undefined) return undefined
  const name: KnownOrNot = code
  const read = name === UNKNOWN_CODE ? details : ERROR_DETAILS[name].safeParse(details).data
  // The schema is the one of this code.
  return read as DetailsOf<C> | undefined
}
