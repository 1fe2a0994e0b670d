import { expect, it } from 'vitest'

import { sequenceKey, StoreError } from './local-store.ts'

it('[STO-3] the key of a place in the outbox sorts as its number does', () => {
  const numbers = [0, 1, 9, 10, 99, 100, 12_345_678, Number.MAX_SAFE_INTEGER]
  const keys = numbers.map((number) => sequenceKey(number))
  expect(keys.toSorted()).toEqual(keys)
  expect(keys.map(Number)).toEqual(numbers)
})

it('[STO-13] an error of a store says which kind it is, and what caused it', () => {
  const cause = new Error('disk')
  expect(new StoreError('full', 'no room', { cause })).toMatchObject({
    name: 'StoreError',
    code: 'full',
    message: 'no room',
    cause,
  })
})
