import { z } from 'zod'

import { Instant } from './instant.ts'

/** Every error code with its HTTP status and whether the same bytes may succeed later (section "Errors"). */
export const ERROR_TABLE = {
  VALIDATION_ERROR: { status: 400, retryable: false },
  PLAYBOOK_PATCH_PATH_NOT_ALLOWED: { status: 400, retryable: false },
  PLAYBOOK_PATCH_INVALID: { status: 400, retryable: false },
  AUTH_REQUIRED: { status: 401, retryable: false },
  FORBIDDEN: { status: 403, retryable: false },
  NOT_FOUND: { status: 404, retryable: false },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false },
  CONFLICT: { status: 409, retryable: false },
  IDEMPOTENCY_CONFLICT: { status: 409, retryable: false },
  PLAYBOOK_VERSION_MISMATCH: { status: 409, retryable: false },
  CURSOR_INVALID: { status: 409, retryable: false },
  CONTRACT_UNSUPPORTED: { status: 409, retryable: false },
  ENROLLMENT_INVALID: { status: 410, retryable: false },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false },
  RATE_LIMITED: { status: 429, retryable: true },
  INTERNAL_ERROR: { status: 500, retryable: true },
  UNAVAILABLE: { status: 503, retryable: true },
} as const satisfies Record<string, { status: number; retryable: boolean }>

export type ErrorCode = keyof typeof ERROR_TABLE
export const ERROR_CODES = Object.keys(ERROR_TABLE) as readonly ErrorCode[] as readonly [
  ErrorCode,
  ...ErrorCode[],
]
export const ErrorCode = z.enum(ERROR_CODES)

/** Why a credential was refused, and what the client does next. */
export const AUTH_ACTIONS = {
  missing: 'authenticate',
  invalid: 'authenticate',
  expired: 'new_token',
  binding: 'new_token',
  key_mismatch: 'new_token',
  nonce: 'retry_with_nonce',
  replayed: 'new_proof',
  proof_invalid: 'new_proof',
  clock_skew: 'sync_clock',
  unconfirmed: 'wait',
  revoked: 're_enrol',
  token_refused: 're_enrol',
  wipe: 'wipe',
} as const
export type AuthReason = keyof typeof AUTH_ACTIONS

export const FORBIDDEN_REASONS = [
  'device_mismatch',
  'credential_mismatch',
  'role',
  'scope',
  'grant',
  'membership',
  'origin',
  'https',
  'reauthenticate',
  'second_factor',
  'four_eyes',
] as const
export type ForbiddenReason = (typeof FORBIDDEN_REASONS)[number]

/** Which side of a call is behind: `details.reason` of a CONTRACT_UNSUPPORTED (HDR-9). */
export const CONTRACT_REASONS = ['client_older', 'client_newer'] as const
export type ContractReason = (typeof CONTRACT_REASONS)[number]

/** Why a workspace's settings, or a change of them, refuse something: `details.reason` of a CONFLICT (WSP rules). */
export const SETTINGS_REASONS = [
  'settings_version',
  'no_admin_key',
  'tokens_refused',
  'no_second_factor',
] as const
export type SettingsReason = (typeof SETTINGS_REASONS)[number]

/** Why nothing is published, or a proposal is not decided: `details.reason` of a CONFLICT (PUB rules). */
export const PUBLISHING_REASONS = ['exists', 'unchanged', 'retired', 'too_many', 'decided', 'stale'] as const
export type PublishingReason = (typeof PUBLISHING_REASONS)[number]

/** Why no recommendation is generated: `details.reason` of a CONFLICT (REC-14, REC-15). */
export const GENERATION_REASONS = [
  'no_rule',
  'window_reversed',
  'no_playbook',
  'several_playbooks',
  'playbook_retired',
] as const
export type GenerationReason = (typeof GENERATION_REASONS)[number]

/** Why a person's place in a workspace, or an invitation to one, stays as it is: `details.reason` of a CONFLICT (PEO rules). */
export const PEOPLE_REASONS = [
  'last_admin',
  'has_access',
  'access_ended',
  'accepted',
  'has_account',
  'other_account',
] as const
export type PeopleReason = (typeof PEOPLE_REASONS)[number]

/** The body of every answer outside 2xx; the same object is in tRPC's `error.data.envelope`. */
export const ErrorEnvelope = z
  .object({
    requestId: z.string(),
    timestamp: Instant,
    error: z.object({
      code: ErrorCode,
      message: z.string(),
      retryable: z.boolean(),
      traceId: z.string().describe('W3C trace id: from `traceparent`, else generated'),
      details: z.record(z.string(), z.json()).optional(),
    }),
  })
  .meta({ id: 'ErrorEnvelope' })
export type ErrorEnvelope = z.infer<typeof ErrorEnvelope>
