import { describe, expect, it } from 'vitest'

import { readIdempotencyKey } from './idempotency-key.ts'

const read = (...values: string[]) => readIdempotencyKey(values, true)

describe('Idempotency-Key', () => {
  it.each([
    ['abc', 'abc'],
    ['"abc"', 'abc'],
    ['"with \\"quotes\\" and \\\\"', 'with "quotes" and \\'],
    ['my key, version 2', 'my key, version 2'],
    [`"${'x'.repeat(128)}"`, 'x'.repeat(128)],
    ['x'.repeat(128), 'x'.repeat(128)],
  ])('[HDR-1] reads %j as the key %j', (value, key) => {
    expect(read(value)).toEqual({ key })
  })

  it.each([
    ['empty', ['']],
    ['an empty quoted string', ['""']],
    ['129 characters', ['x'.repeat(129)]],
    ['129 characters in quotes', [`"${'x'.repeat(129)}"`]],
    ['an open quoted string', ['"abc']],
    ['text after a quoted string', ['"abc";a=1']],
    ['an escape that is none', ['"a\\n"']],
    ['a tab', ['a\tb']],
    ['a character beyond ASCII', ['caf\u00e9']],
    ['two headers', ['a', 'b']],
  ])('[HDR-1] refuses %s', (_case, values) => {
    expect(read(...values)).toEqual({
      issue: { path: '/headers/idempotency-key', message: expect.any(String) },
    })
  })

  it('[HDR-1] must be there over REST and may be missing over tRPC', () => {
    expect(readIdempotencyKey(undefined, true).issue?.message).toBe('is required')
    expect(readIdempotencyKey(undefined, false)).toEqual({})
  })
})
