import { describe, expect, it } from 'vitest'

import type { Clock } from '../core/ports.ts'
import { backoff, eitherAborts, sleep, throwIfAborted, untilAborted } from './wait.ts'

const WHY = new Error('stopped')
const aborted = (reason: unknown = WHY): AbortSignal => AbortSignal.abort(reason)

/** A clock whose only timer a test fires. */
function oneTimer() {
  let pending: (() => void) | null = null
  const clock: Clock = {
    now: () => 0,
    after: (_, callback) => {
      pending = callback
      return () => {
        pending = null
      }
    },
  }
  return { clock, fire: () => pending?.(), isSet: () => pending !== null }
}

describe('a signal', () => {
  it('[ENG-21] that has aborted throws its reason, and one without an error one of its own', () => {
    expect(() => throwIfAborted(new AbortController().signal)).not.toThrow()
    expect(() => throwIfAborted(aborted())).toThrow(WHY)
    expect(() => throwIfAborted(aborted('no error'))).toThrow('aborted')
  })

  it.each(['first', 'second'])('[ENG-18, ENG-21] of two aborts with the %s, and its reason', (name) => {
    const pair = { first: new AbortController(), second: new AbortController() }
    const either = eitherAborts(pair.first.signal, pair.second.signal)
    expect(either.aborted).toBe(false)
    pair[name === 'first' ? 'first' : 'second'].abort(WHY)
    expect([either.aborted, either.reason]).toEqual([true, WHY])
  })

  it.each([
    ['first', aborted(), new AbortController().signal],
    ['second', new AbortController().signal, aborted()],
  ])('[ENG-18, ENG-21] of two has aborted where the %s had before', (_, first, second) => {
    const either = eitherAborts(first, second)
    expect([either.aborted, either.reason]).toEqual([true, WHY])
  })
})

describe('what an adapter does not end', () => {
  it('[ENG-21] ends with the signal, at once where that had aborted before', async () => {
    const never = new Promise<never>(() => undefined)
    await expect(untilAborted(never, aborted())).rejects.toBe(WHY)
    const stop = new AbortController()
    const ended = untilAborted(never, stop.signal)
    stop.abort(WHY)
    await expect(ended).rejects.toBe(WHY)
  })

  it('[ENG-21] leaves no listener behind where it ends by itself', async () => {
    const { signal } = new AbortController()
    const listening = new Set<unknown>()
    const watched = Object.assign(Object.create(signal) as AbortSignal, {
      addEventListener: (name: string) => listening.add(name),
      removeEventListener: (name: string) => listening.delete(name),
    })
    Object.defineProperty(watched, 'aborted', { value: false })
    const answer = untilAborted(Promise.resolve('answer'), watched)
    expect(listening.size).toBe(1)
    expect(await answer).toBe('answer')
    expect(listening.size).toBe(0)
  })
})

describe('a wait', () => {
  it('[ENG-6] ends with its timer', async () => {
    const { clock, fire, isSet } = oneTimer()
    const waiting = sleep(clock, 5, new AbortController().signal)
    expect(isSet()).toBe(true)
    fire()
    await waiting
    expect(isSet()).toBe(false)
  })

  it('[ENG-21] is cut off by its signal, and no timer is left', async () => {
    const { clock, isSet } = oneTimer()
    const stop = new AbortController()
    const waiting = sleep(clock, 5, stop.signal)
    stop.abort(WHY)
    await expect(waiting).rejects.toBe(WHY)
    expect(isSet()).toBe(false)
  })

  it.each([
    [0.5, 0, 1_000, 30_000, 500],
    [0.5, 3, 1_000, 30_000, 4_000],
    [1, 5, 1_000, 30_000, 30_000],
    [0.0001, 0, 1_000, 30_000, 1],
    [0, 7, 1_000, 30_000, 0],
    // However long a server is away, the exponent stays a number that can be calculated with.
    [1, 5_000, 1, Infinity, 2 ** 30],
  ])(
    '[ENG-6, ENG-27] drawn with %d after %i failures, from %i to %i, is %i',
    (drawn, failures, first, longest, wait) => {
      expect(backoff({ next: () => drawn }, failures, first, longest)).toBe(wait)
    },
  )
})
