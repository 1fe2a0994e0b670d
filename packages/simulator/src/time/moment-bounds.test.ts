import { expect, it } from 'vitest'

import { MomentBounds } from './moment-bounds.ts'

const MINUTE = 60_000

/** @returns how many moments so far apart there may be */
function momentsEvery(milliseconds: number, atMost: number): number {
  const bounds = new MomentBounds()
  for (let i = 0; i < atMost; i++) if (bounds.exceededAt(i * milliseconds)) return i
  return atMost
}

it('MomentBounds allows a thousand moments in a minute and five thousand in an hour, and starts over with each', () => {
  expect(momentsEvery(0, 10_000)).toBe(1_000)
  expect(momentsEvery(1, 10_000)).toBe(1_000)
  expect(momentsEvery(MINUTE / 1_000, 10_000)).toBe(5_000)
  expect(momentsEvery((60 * MINUTE) / 5_000, 11_000)).toBe(11_000)
})
