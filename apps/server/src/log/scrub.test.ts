import { describe, expect, it } from 'vitest'

import { errorFields } from './error-fields.ts'
import { createScrubber } from './scrub.ts'

const scrub = createScrubber(['canary-p@ssword', 'canary-token'])

describe('scrubbing', () => {
  it.each([
    ['login with canary-p@ssword failed', 'login with [hidden] failed'],
    ['postgresql://app:canary-p%40ssword@db:5432/x', 'postgresql://app:[hidden]@db:5432/x'],
    ['postgresql://app:other@db:5432/x refused', 'postgresql://app:[hidden]@db:5432/x refused'],
    ['authorization: Bearer abc.def-123', 'authorization: Bearer [hidden]'],
    ['"x-device-token":"abc"', '"x-device-token":"[hidden]"'],
    ['X-Device-Token: abc', 'X-Device-Token: [hidden]'],
    ['?token=abc&limit=1', '?token=[hidden]&limit=1'],
    ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED 127.0.0.1:5432'],
  ])('makes %j into %j', (text, expected) => {
    expect(scrub(text)).toBe(expected)
  })

  it('[ACC-3] reaches message, stack and causes of an error, and passes its other properties over', () => {
    const cause = new Error('canary-token was sent')
    const error = Object.assign(new Error('canary-p@ssword is wrong', { cause }), {
      code: '28P01',
      config: { password: 'canary-p@ssword' },
    })
    const fields = errorFields(error, scrub)
    expect(fields).toMatchObject({ type: 'Error', message: '[hidden] is wrong', code: '28P01' })
    expect(JSON.stringify(fields)).not.toContain('canary')
  })

  it('describes why a connection to a name with several addresses failed', () => {
    const error = new AggregateError([
      new Error('connect ECONNREFUSED ::1:5432'),
      new Error('connect ECONNREFUSED 127.0.0.1:5432'),
    ])
    expect(errorFields(error, scrub).message).toBe(
      'connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432',
    )
  })
})
