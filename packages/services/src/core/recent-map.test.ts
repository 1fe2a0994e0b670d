import { expect, it } from 'vitest'

import { RecentMap } from './recent-map.ts'

it('a bounded map drops what was set the longest ago, and what is set again is the newest', () => {
  const map = new RecentMap<number>(2)
  map.set('a', 1).set('b', 2).set('a', 3).set('c', 4)
  expect([...map]).toEqual([
    ['a', 3],
    ['c', 4],
  ])
  map.delete('a')
  map.set('d', 5)
  expect([...map.keys()]).toEqual(['c', 'd'])
})
