import { expect } from 'vitest'

import { type LocalStore, sequenceKey } from '../../core/local-store.ts'
import { add, anyValue, contentOf } from './store-values.ts'

/** As the engine writes: a record, its place in the outbox and a counter, in one transaction. */
export async function noteWrite(store: LocalStore, turn: number): Promise<void> {
  await store.write(async (transaction) => {
    await transaction.put('records', `observation/${turn}`, anyValue('records', { turn }))
    await transaction.put('outbox', sequenceKey(turn), anyValue('outbox', { turn }))
    await add(transaction, 'counter', 1)
  })
}

/** How many of these transactions a store holds; fails unless they are the first ones, each of them whole. */
export async function wholeTransactions(store: LocalStore): Promise<number> {
  const turns = Object.values(await contentOf(store, 'outbox'))
  const records = await contentOf(store, 'records')
  expect(turns).toEqual(turns.map((_, place) => ({ turn: place + 1 })))
  expect(Object.keys(records).toSorted()).toEqual(
    turns.map((_, place) => `observation/${place + 1}`).toSorted(),
  )
  expect(await contentOf(store)).toEqual(turns.length === 0 ? {} : { counter: turns.length })
  return turns.length
}
