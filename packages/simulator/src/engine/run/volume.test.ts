import type { WriteTransaction } from '@fieldsync/sync-engine'
import { describe, expect, it } from 'vitest'

import { type TestWorld, testWorld } from '../testing/test-world.ts'

/** Counts the calls that a device's engine makes to its store from now on. */
function countCalls({ store }: TestWorld['anna']): () => number {
  let calls = 0
  const counting = (transaction: WriteTransaction): WriteTransaction =>
    new Proxy(transaction, {
      get(target, name, receiver) {
        calls++
        return Reflect.get(target, name, receiver) as unknown
      },
    })
  const write = store.write.bind(store)
  store.write = (work) => write((transaction) => work(counting(transaction)))
  return () => calls
}

/** Store calls of a device that drains so many drafts in batches of 100. */
async function drain(drafts: number) {
  const { server, anna } = await testWorld({ settings: { batchRecords: 100 } })
  for (let i = 0; i < drafts; i++) await anna.saved()
  const calls = countCalls(anna)
  await anna.sync()
  expect(server.size).toBe(drafts + 1)
  expect(anna.engine.status()).toMatchObject({ pending: 0, state: 'idle' })
  return { batches: anna.link.calls.length, calls: calls() }
}

describe('a long queue', () => {
  it('[GUA-10, ENG-5] drains with a number of store calls that grows with the batches, not with the records', async () => {
    const one = await drain(100)
    const four = await drain(400)
    expect([one.batches, four.batches]).toEqual([1, 4])
    expect(one.calls).toBeGreaterThan(5)
    expect(one.calls).toBeLessThan(44)
    expect(four.calls).toBeLessThan(4 * one.calls)
  })

  it('[ENG-2] a save costs the same number of store calls however much is queued', async () => {
    const { anna } = await testWorld()
    await anna.saved()
    const calls = countCalls(anna)
    const costs: number[] = []
    for (let i = 0; i < 100; i++) {
      const before = calls()
      await anna.saved()
      costs.push(calls() - before)
    }
    expect(new Set(costs).size).toBe(1)
    expect(costs[0]).toBeLessThan(8)
  })
})
