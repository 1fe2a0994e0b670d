import { expect, it, vi } from 'vitest'

import { noPlace, StreamPlaces } from './stream-places.ts'

it('[LIV-6] a device’s oldest place is free for its next stream at once, whenever whoever had it gives it back', () => {
  const places = new StreamPlaces({ perDevice: 2, perServer: 3 })
  const replaced = { first: vi.fn(), second: vi.fn(), other: vi.fn() }
  const giveBackFirst = places.take('dev_a', replaced.first)
  const giveBackSecond = places.take('dev_a', replaced.second)
  const giveBackOther = places.take('dev_b', replaced.other)
  const giveBackThird = places.take('dev_a', () => undefined)
  expect([replaced.first, replaced.second, replaced.other].map(({ mock }) => mock.calls.length)).toEqual([
    1, 0, 0,
  ])
  // It was taken back: that it is given back later as well frees no other.
  giveBackFirst()
  expect(() => places.take('dev_c', () => undefined)).toThrow(noPlace())
  expect(places.devices).toBe(2)
  for (const giveBack of [giveBackSecond, giveBackThird, giveBackFirst, giveBackOther]) giveBack()
  expect(places.devices).toBe(0)
})
