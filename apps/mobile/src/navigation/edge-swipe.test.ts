import { expect, it } from 'vitest'

import { beginsAtEdge, leadsBack } from './edge-swipe.ts'

/** A finger that came from `from` to the right by `dx`, and down by `dy`. */
const swipe = (from: number, dx: number, dy = 0, vx = 0, numberActiveTouches = 1) => ({
  moveX: from + dx,
  dx,
  dy,
  vx,
  numberActiveTouches,
})

it('a swipe back begins at the left edge and leads to the right', () => {
  expect(beginsAtEdge(swipe(10, 12))).toBe(true)
  expect(beginsAtEdge(swipe(24, 12, 5))).toBe(true)
})

it.each([
  ['begins in the middle, as over a row', swipe(120, 40)],
  ['has hardly moved, as a press', swipe(10, 4)],
  ['leads down, as to scroll', swipe(10, 12, 30)],
  ['leads left', swipe(20, -12)],
  ['is one of two fingers', swipe(10, 12, 0, 0, 2)],
])('no swipe back is one that %s', (_what, other) => {
  expect(beginsAtEdge(other)).toBe(false)
})

it('it leads back when it came far or was fast, and not when it returned', () => {
  expect(leadsBack(swipe(10, 100))).toBe(true)
  expect(leadsBack(swipe(10, 40, 0, 0.8))).toBe(true)
  expect(leadsBack(swipe(10, 40, 0, 0.1))).toBe(false)
  expect(leadsBack(swipe(10, 40, 0, -0.8))).toBe(false)
})
