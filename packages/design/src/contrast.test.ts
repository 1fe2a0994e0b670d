import { expect, it } from 'vitest'

import { contrast } from './contrast.ts'

it.each([
  ['#000000', '#FFFFFF', 21],
  ['#FFFFFF', '#000000', 21],
  ['#777777', '#FFFFFF', 4.48],
  ['#0000FF', '#FFFFFF', 8.59],
  ['#123456', '#123456', 1],
])('the contrast of %s and %s is %d', (one, other, ratio) => {
  expect(contrast(one, other)).toBeCloseTo(ratio, 2)
})

it('accepts only colors', () => {
  expect(() => contrast('green', '#FFFFFF')).toThrow('not a color: green')
})
