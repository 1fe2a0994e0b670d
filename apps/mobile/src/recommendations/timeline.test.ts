import { expect, it } from 'vitest'

import { timelineOf } from './timeline.ts'

const HOUR = 3_600_000

it('draws a window between its margins, and the present where it is near', () => {
  const { from, until, start, width, now } = timelineOf(2 * HOUR, 4 * HOUR, HOUR)
  expect([from, until]).toEqual([0.7 * HOUR, 4.3 * HOUR])
  expect(start).toBeCloseTo(1.3 / 3.6)
  expect(width).toBeCloseTo(2 / 3.6)
  expect(now).toBeCloseTo(0.3 / 3.6)
})

it('leaves the present out where the window would be a dot, weeks before and after', () => {
  expect(timelineOf(1000 * HOUR, 1002 * HOUR, 0).now).toBe(null)
  expect(timelineOf(0, HOUR, 1000 * HOUR).now).toBe(null)
})

it.each([
  [5, 5],
  [5, 2],
])('stays inside its width for a window from %i to %i', (startAt, endAt) => {
  const { start, width, now } = timelineOf(startAt * HOUR, endAt * HOUR, 5 * HOUR)
  expect(start).toBeGreaterThan(0)
  expect(start + width).toBeLessThanOrEqual(1)
  expect(now).toBeGreaterThan(0)
})
