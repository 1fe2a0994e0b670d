import { describe, expect, it } from 'vitest'

import { AUTH_ACTIONS, ERROR_CODES, ERROR_TABLE, ErrorEnvelope } from './errors.ts'

// The table of the protocol, written a second time, so that neither changes without the other.
const STATUS = {
  400: ['VALIDATION_ERROR', 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED', 'PLAYBOOK_PATCH_INVALID'],
  401: ['AUTH_REQUIRED'],
  403: ['FORBIDDEN'],
  404: ['NOT_FOUND'],
  405: ['METHOD_NOT_ALLOWED'],
  409: [
    'CONFLICT',
    'IDEMPOTENCY_CONFLICT',
    'PLAYBOOK_VERSION_MISMATCH',
    'CURSOR_INVALID',
    'CONTRACT_UNSUPPORTED',
  ],
  410: ['ENROLLMENT_INVALID'],
  413: ['PAYLOAD_TOO_LARGE'],
  415: ['UNSUPPORTED_MEDIA_TYPE'],
  429: ['RATE_LIMITED'],
  500: ['INTERNAL_ERROR'],
  503: ['UNAVAILABLE'],
}

describe('error table', () => {
  it('[ERR-1] every code has the status of the protocol', () => {
    const expected = Object.entries(STATUS).flatMap(([status, codes]) =>
      codes.map((code) => [code, Number(status)]),
    )
    const actual = ERROR_CODES.map((code) => [code, ERROR_TABLE[code].status])
    expect(Object.fromEntries(actual)).toEqual(Object.fromEntries(expected))
  })

  it('[ERR-3] exactly the codes that may pass later are retryable', () => {
    const retryable = ERROR_CODES.filter((code) => ERROR_TABLE[code].retryable)
    expect(retryable.sort()).toEqual(['INTERNAL_ERROR', 'RATE_LIMITED', 'UNAVAILABLE'])
  })

  it('[ACC-1] a refused credential says what to do next', () => {
    expect(AUTH_ACTIONS).toEqual({
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
    })
  })

  it('[SHP-10] an envelope of a newer server is read, the unknown left out', () => {
    const envelope = {
      requestId: 'req_1',
      timestamp: '2026-02-11T18:00:00Z',
      error: {
        code: 'CONFLICT',
        message: 'no',
        retryable: false,
        traceId: 'a',
        details: { any: [1, { b: null }] },
      },
    }
    const newer = { ...envelope, region: 'us', error: { ...envelope.error, docs: 'https://example.com' } }
    expect(ErrorEnvelope.parse(newer)).toEqual(envelope)
  })
})
