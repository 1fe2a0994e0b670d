import { describe, expect, it } from 'vitest'

import { StoreError } from '../../core/local-store.ts'
import { errorOf } from '../testing/store-values.ts'
import { OrderedCalls } from './ordered-calls.ts'

const nothing = (): void => {}

describe('the calls of a transaction', () => {
  it('[STO-6] run one after the other, the arguments as they were at the call', async () => {
    const calls = new OrderedCalls()
    const seen: string[] = []
    const given = { text: 'first' }
    const slow = calls.call(
      () => given.text,
      async (text) => {
        await Promise.resolve()
        seen.push(`${text} begun`)
        await Promise.resolve()
        seen.push(`${text} done`)
      },
    )
    given.text = 'second'
    const quick = calls.call(
      () => given.text,
      (text) => void seen.push(text),
    )
    given.text = 'third'
    expect(calls.idle).toBe(false)
    await Promise.all([quick, slow])
    expect(calls.idle).toBe(true)
    expect(seen).toEqual(['first begun', 'first done', 'second'])
  })

  // After some errors a database has ended the transaction by itself: what ran then would be kept.
  it('[STO-1] do not run after one that failed', async () => {
    const calls = new OrderedCalls()
    const error = new Error('the disk is full')
    let ran = false
    const failed = calls.call(nothing, () => Promise.reject(error))
    const next = calls.call(nothing, () => void (ran = true))
    expect(await errorOf(failed)).toBe(error)
    expect(await errorOf(next)).toBe(error)
    expect(await errorOf(calls.call(nothing, () => void (ran = true)))).toBe(error)
    expect(await errorOf(calls.finish())).toBe(error)
    expect(ran).toBe(false)
  })

  it('[STO-8] are refused after the end, by its first reason', async () => {
    const calls = new OrderedCalls()
    const reason = new StoreError('transaction_ended', 'over')
    calls.end(() => reason)
    calls.end(() => new StoreError('transaction_ended', 'over again'))
    expect(await errorOf(calls.call(nothing, nothing))).toBe(reason)
    await calls.finish()
  })
})
