import { expect, it } from 'vitest'

import { fieldText, typedFrom, typedOf, valueOfTyped } from './typed-value.ts'

it.each([12, -4.5, true, false, '04:30-07:00'])('%s is itself again', (value) => {
  expect(valueOfTyped(typedOf(value), value, undefined)).toBe(value)
})

it.each([
  ['7,5', 1, 7.5],
  [' 8 ', 1, 8],
  ['', 1, null],
  ['much', 1, null],
  ['Infinity', 1, null],
  [' words ', 'old', 'words'],
])('%j in place of %j is %j', (text, kind, value) => {
  expect(valueOfTyped(text, kind, undefined)).toBe(value)
})

it('[APP-62] a number is typed and read in the person’s units, and stored in the contract’s', () => {
  const typed = typedFrom('95', 35, 'celsius', 'us')
  expect(fieldText(typed, 35, 'celsius', 'us')).toBe('95')
  expect(valueOfTyped(typed, 35, 'celsius')).toBe(35)
  expect(fieldText(typedOf(35), 35, 'celsius', 'us')).toBe('95')
  // What nobody touched stays what it was, whatever the field shows.
  expect(valueOfTyped(typedOf(12), 12, 'kph')).toBe(12)
  expect(fieldText(typedOf(19.312_128), 19.312_128, 'kph', 'metric')).toBe('19.3')
  expect(fieldText('words', 'old', 'kph', 'us')).toBe('words')
})
