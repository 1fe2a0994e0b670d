import { type ErrorCode, SyncConflict } from '@fieldsync/contracts'
import { z } from 'zod'

const Anything = z.record(z.string(), z.json())
const Issue = z.object({ path: z.string(), message: z.string() })
const Issues = z.object({ issues: z.array(Issue), more: z.int().optional() })
const RefusedPatch = z.object({ issues: z.array(Issue), conflict: SyncConflict })

/** What each code carries besides its message (section "Codes" of the protocol). */
export const ERROR_DETAILS = {
  VALIDATION_ERROR: Issues,
  PLAYBOOK_PATCH_PATH_NOT_ALLOWED: RefusedPatch,
  PLAYBOOK_PATCH_INVALID: RefusedPatch,
  AUTH_REQUIRED: z.object({ reason: z.string(), action: z.string() }),
  FORBIDDEN: z.object({ reason: z.string(), conflict: SyncConflict.optional() }),
  NOT_FOUND: Anything,
  METHOD_NOT_ALLOWED: z.object({ allow: z.array(z.string()) }),
  CONFLICT: z.object({ conflict: SyncConflict }),
  IDEMPOTENCY_CONFLICT: Anything,
  PLAYBOOK_VERSION_MISMATCH: z.object({ activeVersion: z.int(), conflict: SyncConflict }),
  CURSOR_INVALID: Anything,
  PAYLOAD_TOO_LARGE: z.object({ maxBytes: z.int(), maxRecords: z.int() }),
  UNSUPPORTED_MEDIA_TYPE: Anything,
  RATE_LIMITED: Anything,
  INTERNAL_ERROR: Anything,
  UNAVAILABLE: Anything,
} as const satisfies Record<ErrorCode, z.ZodType>

export type ErrorDetails<C extends ErrorCode> = z.infer<(typeof ERROR_DETAILS)[C]>
