import { StoreError } from '@fieldsync/sync-engine'
import { describe, expect, it } from 'vitest'

import { Failures } from './failures.ts'
import { changesRecords, reader } from './reader.ts'
import { openingFailure } from './use-write.ts'

/** A read that the test answers, and a clock that it moves. */
function readWorld() {
  const asked: PromiseWithResolvers<number>[] = []
  const values: number[] = []
  const failures: unknown[] = []
  let timer: (() => void) | undefined
  const waits: number[] = []
  const reading = reader({
    read: () => {
      const answer = Promise.withResolvers<number>()
      asked.push(answer)
      return answer.promise
    },
    onValue: (value) => values.push(value),
    onFailure: (error) => failures.push(error),
    after: (ms, work) => {
      waits.push(ms)
      timer = work
      return () => (timer = undefined)
    },
  })
  const turn = () => new Promise((resolve) => void setImmediate(resolve))
  return { asked, values, failures, waits, reading, turn, ring: () => timer?.() }
}

describe('reading what is stored', () => {
  it('[APP-6] a thousand changes during a read are one more read', async () => {
    const { asked, values, reading, turn } = readWorld()
    for (let i = 0; i < 1_000; i++) reading.changed()
    asked[0]?.resolve(1)
    await turn()
    expect(asked).toHaveLength(2)
    asked[1]?.resolve(2)
    await turn()
    expect(asked).toHaveLength(2)
    expect(values).toEqual([1, 2])
  })

  it('[APP-6] a read that fails is reported, retried after growing waits, and cleared once it works', async () => {
    const { asked, values, failures, waits, ring, turn } = readWorld()
    const error = new StoreError('unavailable', 'the disk is away')
    asked[0]?.reject(error)
    await turn()
    ring()
    asked[1]?.reject(error)
    await turn()
    expect(waits).toEqual([1_000, 2_000])
    ring()
    asked[2]?.resolve(3)
    await turn()
    expect(values).toEqual([3])
    expect(failures).toEqual([error, error, null])
  })

  it('[APP-6] a store that was closed under a screen is no failure, nor is anything after the screen', async () => {
    const closed = readWorld()
    closed.asked[0]?.reject(new StoreError('closed', 'the store is closed'))
    await closed.turn()
    expect(closed.failures).toEqual([])
    const left = readWorld()
    left.reading.close()
    left.asked[0]?.reject(new Error('late'))
    left.reading.changed()
    await left.turn()
    expect(left.failures).toEqual([])
    expect(left.asked).toHaveLength(1)
  })

  it('[APP-6] how the sync stands is no change of what is stored', () => {
    expect(changesRecords({ kind: 'stateChanged', from: 'idle', to: 'syncing' })).toBe(false)
    expect(changesRecords({ kind: 'storeChanged' })).toBe(true)
  })
})

it('[APP-7] failures are shown one after the other; one that cannot be tried again goes when it was seen', () => {
  const failures = new Failures()
  const [read, listener] = [Symbol('read'), Symbol('listener')]
  let retries = 0
  failures.report(listener, { error: new Error('a listener threw') })
  failures.report(read, { error: new Error('unread'), retry: () => retries++ })
  expect(failures.first()?.error).toMatchObject({ message: 'a listener threw' })
  failures.retryAll()
  expect(retries).toBe(1)
  expect(failures.first()?.error).toMatchObject({ message: 'unread' })
  failures.report(read, undefined)
  expect(failures.first()).toBeUndefined()
})

it('[APP-8] each cause of a store that does not open has words of its own', () => {
  const causes = ['newer_schema', 'full', 'blocked', 'busy', 'damaged', 'unavailable'] as const
  expect(causes.map((code) => openingFailure(new StoreError(code, 'x')))).toEqual([
    'newer',
    'full',
    'blocked',
    'blocked',
    'damaged',
    'unavailable',
  ])
  expect(openingFailure(new TypeError('boom'))).toBe('unavailable')
})
