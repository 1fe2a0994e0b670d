import { expect, it } from 'vitest'

import { groupBy } from './group-by.ts'

it('[ENG-30] groups items by a key of theirs, in the order they came', () => {
  const groups = groupBy(['b1', 'a1', 'b2'], (text) => text.slice(0, 1))
  expect([...groups]).toEqual([
    ['b', ['b1', 'b2']],
    ['a', ['a1']],
  ])
})
