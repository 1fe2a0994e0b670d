import { expect, it } from 'vitest'

import { typedOf, valueOfTyped } from './typed-value.ts'

it.each([12, -4.5, true, false, '04:30-07:00'])('%s is itself again', (value) => {
  expect(valueOfTyped(typedOf(value), value)).toBe(value)
})

it.each([
  ['7,5', 1, 7.5],
  [' 8 ', 1, 8],
  ['', 1, null],
  ['much', 1, null],
  ['Infinity', 1, null],
  [' words ', 'old', 'words'],
])('%j in place of %j is %j', (text, kind, value) => {
  expect(valueOfTyped(text, kind)).toBe(value)
})
