import { expect, it } from 'vitest'

import { isUnavailable } from './unavailable.ts'

const withCode = (code: string) => Object.assign(new Error(`connect ${code} 10.0.0.7:5432`), { code })

it.each([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
])('[RUN-9] a database behind %s is away, and waited for', (code) => {
  expect(isUnavailable(withCode(code))).toBe(true)
  expect(isUnavailable(new Error('query failed', { cause: withCode(code) }))).toBe(true)
  expect(isUnavailable(new AggregateError([withCode(code)], ''))).toBe(true)
})

it.each(['23505', '42P01', '28P01', 'ERR_INVALID_ARG_TYPE', 'ENOENT'])(
  '[ERR-20] %s is no matter of waiting',
  (code) => {
    expect(isUnavailable(withCode(code))).toBe(false)
  },
)
