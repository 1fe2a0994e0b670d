import { ServiceError } from '@fieldsync/services'
import { TRPCError } from '@trpc/server'
import { describe, expect, it } from 'vitest'

import { asServiceError } from './as-service-error.ts'

const trpc = (code: TRPCError['code'], cause?: unknown) => new TRPCError({ code, message: 'canary', cause })

describe('the error that a client sees', () => {
  it('[ERR-1] is what a verb threw, however tRPC wrapped it', () => {
    const refusal = new ServiceError('CURSOR_INVALID', 'Start again.')
    expect(asServiceError(refusal)).toBe(refusal)
    expect(asServiceError(trpc('INTERNAL_SERVER_ERROR', refusal))).toBe(refusal)
    expect(asServiceError(trpc('BAD_REQUEST', refusal))).toBe(refusal)
  })

  it.each([
    ['NOT_FOUND', undefined, 'NOT_FOUND'],
    ['METHOD_NOT_SUPPORTED', undefined, 'METHOD_NOT_ALLOWED'],
    ['UNSUPPORTED_MEDIA_TYPE', undefined, 'UNSUPPORTED_MEDIA_TYPE'],
    ['BAD_REQUEST', undefined, 'VALIDATION_ERROR'],
    ['BAD_REQUEST', new SyntaxError('Unexpected token c'), 'VALIDATION_ERROR'],
    // Neither JSON nor a contract violation: a bug in one of our parsers.
    ['BAD_REQUEST', new RangeError('Maximum call stack size exceeded'), 'INTERNAL_ERROR'],
    ['TIMEOUT', undefined, 'INTERNAL_ERROR'],
  ] as const)('[ERR-1][ERR-20] of tRPC’s own %s with the cause %s is %s', (code, cause, expected) => {
    expect(asServiceError(trpc(code, cause)).code).toBe(expected)
  })
})
