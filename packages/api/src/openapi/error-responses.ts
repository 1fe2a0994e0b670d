import { ERROR_CODES, ERROR_TABLE, ErrorEnvelope, type ErrorCode } from '@fieldsync/contracts'
import type { ZodOpenApiHeadersObject, ZodOpenApiResponseObject } from 'zod-openapi'

const MEANINGS: Readonly<Record<ErrorCode, string>> = {
  VALIDATION_ERROR: 'the request breaks the contract; `details.issues` lists every violation',
  PLAYBOOK_PATCH_PATH_NOT_ALLOWED: 'the patch edits a path that is not editable; `details.conflict`',
  PLAYBOOK_PATCH_INVALID:
    'the patch cannot apply, or its result breaks the playbook’s shape; `details.conflict`',
  AUTH_REQUIRED: 'no valid credential; `details.reason` gives the cause, `details.action` what to do next',
  FORBIDDEN: 'authenticated, not allowed; `details.reason` gives the cause',
  NOT_FOUND: 'not in this workspace',
  METHOD_NOT_ALLOWED: 'the address does not support this method; `Allow` lists those it supports',
  CONFLICT: 'the record was not accepted; `details.conflict` contains everything needed to resolve it',
  IDEMPOTENCY_CONFLICT: 'the key is known with another payload',
  PLAYBOOK_VERSION_MISMATCH: 'the patch is based on a version that is not active; `details.activeVersion`',
  CURSOR_INVALID: 'the cursor does not belong to this server’s history; start again from `""`',
  CONTRACT_UNSUPPORTED:
    'the announced contract is not supported; `details.minimum`, `details.maximum`, and in `details.reason` which side is behind',
  ENROLLMENT_INVALID: 'the code was used, has expired or is not known; ask for a new one',
  PAYLOAD_TOO_LARGE: 'over `details.maxBytes` or `details.maxRecords`; split it',
  UNSUPPORTED_MEDIA_TYPE: 'the body is not JSON in UTF-8, plain or gzip',
  RATE_LIMITED: 'too many requests; wait for `Retry-After`',
  INTERNAL_ERROR: 'a bug; its cause is in the server’s log under the `traceId`',
  UNAVAILABLE: 'the database is unavailable, or the server is stopping or overloaded; wait for `Retry-After`',
}

const HEADERS: Readonly<Record<number, ZodOpenApiHeadersObject>> = {
  401: {
    'WWW-Authenticate': { description: 'How to authenticate (RFC 9110)', schema: { type: 'string' } },
  },
  429: { 'Retry-After': { $ref: '#/components/headers/Retry-After' } },
  503: { 'Retry-After': { $ref: '#/components/headers/Retry-After' } },
}

/** The answer of one error status: the envelope, with the codes it can carry here. */
export function errorResponse(status: number, codes: readonly ErrorCode[]): ZodOpenApiResponseObject {
  const headers = HEADERS[status]
  return {
    description: codes.map((code) => `\`${code}\`: ${MEANINGS[code]}`).join('\n\n'),
    ...(headers ? { headers } : {}),
    content: {
      'application/json': {
        schema: ErrorEnvelope,
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  }
}

const EXAMPLE_DETAILS: Partial<Record<ErrorCode, NonNullable<ErrorEnvelope['error']['details']>>> = {
  VALIDATION_ERROR: {
    issues: [{ path: '/upserts/observations/3/extraction/issue', message: 'is required' }],
  },
  AUTH_REQUIRED: { reason: 'missing', action: 'authenticate' },
  FORBIDDEN: { reason: 'role' },
  CONTRACT_UNSUPPORTED: { reason: 'client_older', minimum: '1.0.0', maximum: '1.8.0' },
  PAYLOAD_TOO_LARGE: { maxBytes: 8_388_608, maxRecords: 1000 },
  PLAYBOOK_VERSION_MISMATCH: { activeVersion: 4 },
}

/** An envelope of each code that an operation answers; a method that an address does not support is no operation. */
export const ERROR_EXAMPLES = Object.fromEntries(
  ERROR_CODES.filter((code) => code !== 'METHOD_NOT_ALLOWED').map((code) => [
    code,
    { value: exampleOf(code) },
  ]),
)

function exampleOf(code: ErrorCode): ErrorEnvelope {
  const details = EXAMPLE_DETAILS[code]
  return {
    requestId: 'f2f9b1f4-6f0e-4f0a-9a55-5b0f4b6a3c11',
    timestamp: '2026-02-11T18:00:00.000Z',
    error: {
      code,
      message: 'One sentence that says what is wrong.',
      retryable: ERROR_TABLE[code].retryable,
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      ...(details ? { details } : {}),
    },
  }
}
