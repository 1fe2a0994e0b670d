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
    ['authorization: Basic d3NfYS9kZXZfc3ZjX2E6c2VjcmV0', 'authorization: Basic [hidden]'],
    ['a basic setting', 'a basic setting'],
    ['client_id=ws_a/dev_svc_a&client_secret=abc', 'client_id=ws_a/dev_svc_a&client_secret=[hidden]'],
    ['"x-device-token":"abc"', '"x-device-token":"[hidden]"'],
    ['X-Device-Token: abc', 'X-Device-Token: [hidden]'],
    ['?token=abc&limit=1', '?token=[hidden]&limit=1'],
    ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED 127.0.0.1:5432'],
  ])('makes %j into %j', (text, expected) => {
    expect(scrub(text)).toBe(expected)
  })

  it('leaves a line of JSON valid, and hides what it quotes', () => {
    const line = JSON.stringify({
      url: 'http://127.0.0.1:8787',
      mail: 'a@b',
      body: '{"token":"quoted in a text", "pepper": ["also here"]}',
      token: null,
      nested: { password: 12, secret: ['listed'] },
      msg: 'password: back\\slash\\\\es, token=a\\',
    })
    expect(JSON.parse(scrub(line))).toEqual({
      url: 'http://127.0.0.1:8787',
      mail: 'a@b',
      body: '{"token":"[hidden]", "pepper": ["[hidden]"]}',
      token: null,
      nested: { password: 12, secret: ['[hidden]'] },
      msg: 'password: [hidden], token=[hidden]',
    })
  })
})

it('describes why a connection to a name with several addresses failed', () => {
  const error = new AggregateError([
    new Error('connect ECONNREFUSED ::1:5432'),
    new Error('connect ECONNREFUSED 127.0.0.1:5432'),
  ])
  expect(errorFields(error).message).toBe(
    'connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432',
  )
})
