import { ERROR_CODES, ERROR_TABLE } from '@fieldsync/contracts'
import { describe, expect, expectTypeOf, it } from 'vitest'

import type { FieldsyncError } from './fieldsync-error.ts'
import { fieldsyncError, isFieldsyncError, UNKNOWN_CODE } from './fieldsync-error.ts'
import { readRefusal } from './read-refusal.ts'

const envelope = (code: string, details?: unknown, retryable = false) => ({
  requestId: 'request-1',
  timestamp: '2026-02-12T08:00:00Z',
  error: { code, message: `about ${code}`, retryable, traceId: 'trace-1', details },
})

function errorOf(code: string, details?: unknown, retryable?: boolean): FieldsyncError {
  const refusal = readRefusal(envelope(code, details, retryable), { status: 418, retryAfterMs: 7000 })
  if (!refusal) throw new Error('no refusal')
  return fieldsyncError(refusal)
}

describe('the error of an envelope', () => {
  it.each(ERROR_CODES)('[ERR-1, ERR-3] says all that the envelope of %s says', (code) => {
    const { retryable } = ERROR_TABLE[code]
    expect(errorOf(code, undefined, retryable)).toMatchObject({
      name: 'FieldsyncError',
      code,
      message: `about ${code}`,
      status: 418,
      retryable,
      requestId: 'request-1',
      traceId: 'trace-1',
      details: undefined,
      retryAfterMs: 7000,
    })
  })

  it('[ERR-2] is the same out of a tRPC error', () => {
    const rest = readRefusal(envelope('NOT_FOUND'), { status: 404 })
    const trpc = { error: { code: -32004, message: 'x', data: { envelope: envelope('NOT_FOUND') } } }
    expect(readRefusal(trpc, { status: 404 })).toEqual(rest)
  })

  it('narrows its details by its code', () => {
    const error: unknown = errorOf('PAYLOAD_TOO_LARGE', { maxBytes: 10, maxRecords: 2 })
    if (!isFieldsyncError(error, 'PAYLOAD_TOO_LARGE')) throw new Error('not narrowed')
    expectTypeOf(error.details).toEqualTypeOf<{ maxBytes: number; maxRecords: number } | undefined>()
    expect(error.details?.maxRecords).toBe(2)
    expect(isFieldsyncError(error, 'RATE_LIMITED')).toBe(false)
    expect(isFieldsyncError(error)).toBe(true)
    expect(isFieldsyncError(new Error('PAYLOAD_TOO_LARGE'), 'PAYLOAD_TOO_LARGE')).toBe(false)
  })

  it('gives no details that are not what they should be', () => {
    expect(errorOf('AUTH_REQUIRED', { reason: 'revoked', action: 're_enrol' }).details).toEqual({
      reason: 'revoked',
      action: 're_enrol',
    })
    expect(errorOf('AUTH_REQUIRED', { reason: 7 }).details).toBeUndefined()
    expect(errorOf('AUTH_REQUIRED', 'text').details).toBeUndefined()
  })

  it('keeps a code of a newer server apart, with what it says', () => {
    const error = errorOf('QUOTA_EXCEEDED', { megabytes: 5 }, true)
    expect(error).toMatchObject({
      code: UNKNOWN_CODE,
      sentCode: 'QUOTA_EXCEEDED',
      retryable: true,
      details: { megabytes: 5 },
    })
  })

  it.each([undefined, null, 'text', 7, [], {}, { error: {} }, { error: { code: 'NOT_FOUND' } }])(
    'does not take %j for one',
    (json) => {
      expect(readRefusal(json, { status: 500 })).toBeUndefined()
    },
  )
})
