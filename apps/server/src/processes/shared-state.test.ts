import { expect, it } from 'vitest'

import { SharedState } from './shared-state.ts'

const PEPPER = Buffer.alloc(32, 7)

/** Two workers of a server, and the streams of each whose place another one has. */
function workers({ perServer = 10, perDevice = 10, rate = 1000 } = {}) {
  const state = new SharedState({ live: { perServer, perDevice }, rateLimitPerMinute: rate }, PEPPER)
  return [1, 2].map(() => {
    const replaced: number[] = []
    const { calls, release } = state.forWorker((stream) => void replaced.push(stream))
    return { ...calls, release, replaced }
  })
}

function two(options?: Parameters<typeof workers>[0]) {
  const [one, other] = workers(options)
  if (!one || !other) throw new Error('two workers')
  return { one, other }
}

it('[RUN-55] [ERR-18] counts the calls of a device at all workers together', async () => {
  const { one, other } = two({ rate: 3 })
  const call = { key: 'device:ws/dev_a', points: 1 }
  expect(await one.spend(call)).toEqual({ ok: true })
  expect(await other.spend(call)).toEqual({ ok: true })
  expect(await one.spend(call)).toEqual({ ok: true })
  expect(await other.spend(call)).toMatchObject({ ok: false })
})

it('[RUN-55] [ACC-17] a proof counts once, at whichever worker', () => {
  const { one, other } = two()
  const period = Math.floor(Date.now() / 60_000)
  expect(one.useProof({ period, id: 'a' })).toBe('new')
  expect(other.useProof({ period, id: 'a' })).toBe('replayed')
  expect(other.useProof({ period, id: 'b' })).toBe('new')
})

it('[RUN-55] [LIV-6] the limits of streams are those of all workers together', () => {
  const { one, other } = two({ perServer: 3, perDevice: 2 })
  expect(one.takePlace({ device: 'ws/dev_a', stream: 1 })).toBe(true)
  expect(other.takePlace({ device: 'ws/dev_a', stream: 1 })).toBe(true)
  // The oldest of the device is at the other worker.
  expect(other.takePlace({ device: 'ws/dev_a', stream: 2 })).toBe(true)
  expect([one.replaced, other.replaced]).toEqual([[1], []])
  expect(one.takePlace({ device: 'ws/dev_b', stream: 2 })).toBe(true)
  expect(one.takePlace({ device: 'ws/dev_c', stream: 3 })).toBe(false)
  other.givePlaceBack(1)
  expect(one.takePlace({ device: 'ws/dev_c', stream: 4 })).toBe(true)
})

it('[RUN-59] a worker that has ended gives back the places of its streams', () => {
  const { one, other } = two({ perServer: 2 })
  for (const stream of [1, 2]) one.takePlace({ device: `ws/dev_${stream}`, stream })
  expect(other.takePlace({ device: 'ws/dev_c', stream: 1 })).toBe(false)
  one.release()
  expect(other.takePlace({ device: 'ws/dev_c', stream: 2 })).toBe(true)
})
