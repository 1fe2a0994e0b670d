import { expect, it } from 'vitest'

import { noPlace, StreamPlaces } from './stream-places.ts'

it('[LIV-6] a device’s oldest place is free for its next stream at once, whenever whoever had it gives it back', () => {
  const places = new StreamPlaces({ perDevice: 2, perServer: 3 })
  const replaced: string[] = []
  const take = (device: string, name: string) => places.take(device, () => void replaced.push(name))
  const giveBackFirst = take('dev_a', 'first')
  const others = [take('dev_a', 'second'), take('dev_b', 'other'), take('dev_a', 'third')]
  expect(replaced).toEqual(['first'])
  // It was taken back: that it is given back later as well frees no other.
  giveBackFirst()
  expect(() => take('dev_c', 'none')).toThrow(noPlace())
  expect(places.devices).toBe(2)
  for (const giveBack of [...others, giveBackFirst]) giveBack()
  expect(places.devices).toBe(0)
})
