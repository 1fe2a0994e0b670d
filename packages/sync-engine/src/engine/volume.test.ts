import { describe, expect, it } from 'vitest'

import { testWorld } from '../testing/test-world.ts'

/** Store calls of a device that drains so many drafts in batches of 100. */
async function drain(drafts: number) {
  const { server, anna } = testWorld({ settings: { batchRecords: 100 } })
  for (let i = 0; i < drafts; i++) await anna.saved()
  const before = anna.disk.calls
  await anna.sync()
  expect(server.state.records.size).toBe(drafts + 1)
  expect(anna.engine.status()).toMatchObject({ pending: 0, state: 'idle' })
  return { batches: anna.link.calls.length, calls: anna.disk.calls - before }
}

describe('a long queue', () => {
  it('[GUA-10, ENG-5] drains with a number of store calls that grows with the batches, not with the records', async () => {
    const one = await drain(100)
    const four = await drain(400)
    expect([one.batches, four.batches]).toEqual([1, 4])
    expect(one.calls).toBeLessThan(40)
    expect(four.calls).toBeLessThan(4 * one.calls)
  })

  it('[ENG-2] a save costs the same number of store calls however much is queued', async () => {
    const { anna } = testWorld()
    const costs: number[] = []
    for (let i = 0; i < 100; i++) {
      const before = anna.disk.calls
      await anna.saved()
      costs.push(anna.disk.calls - before)
    }
    expect(costs.at(-1)).toBe(costs[1])
    expect(costs[1]).toBeLessThan(8)
  })
})
