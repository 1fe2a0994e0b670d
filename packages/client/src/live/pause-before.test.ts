import { describe, expect, it } from 'vitest'

import { pauseBefore } from './live-poke.ts'

const pauses = (failures: number, end = {}) =>
  [0, 0.5, 0.999_999].map((drawn) => Math.round(pauseBefore(end, failures, { next: () => drawn })))
const refusal = (code: string, retryable: boolean) => ({
  refusal: {
    status: 403,
    code,
    message: '',
    retryable,
    requestId: '',
    traceId: '',
    details: {},
    retryAfterMs: undefined,
  },
})

describe('the pause before the next connection', () => {
  it('[LIV-10] doubles after each failure up to five minutes, and is drawn from its upper half', () => {
    expect([0, 1, 2, 8, 9, 50, 5000].map((failures) => pauses(failures))).toEqual([
      [500, 750, 1000],
      [1000, 1500, 2000],
      [2000, 3000, 4000],
      [128_000, 192_000, 256_000],
      [150_000, 225_000, 300_000],
      [150_000, 225_000, 300_000],
      [150_000, 225_000, 300_000],
    ])
  })

  it('[LIV-10] is not over before the server wants it', () => {
    expect(pauses(0, { retryAfterMs: 60_000 })).toEqual([60_500, 60_750, 61_000])
    expect(pauses(0, { ...refusal('UNAVAILABLE', true), retryAfterMs: 30_000 })[0]).toBe(30_500)
  })

  it('[LIV-10] is long after a permanent refusal, and short after a temporary one', () => {
    expect(pauses(0, refusal('FORBIDDEN', false))[0]).toBe(900_500)
    expect(pauses(0, refusal('NOT_FOUND', false))[0]).toBe(900_500)
    expect(pauses(0, refusal('INTERNAL_ERROR', true))[0]).toBe(500)
  })
})
