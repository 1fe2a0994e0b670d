import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { Throttle } from './throttle.ts'

const PACE = { everyMs: 50, retryMs: 1000 }

describe('a pacer', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('[LIV-8] runs at once, then not before its pace allows, once for all that was asked meanwhile', async () => {
    const runs: number[] = []
    const throttle = new Throttle(() => Promise.resolve(void runs.push(performance.now())), PACE)
    const started = performance.now()
    for (let each = 0; each < 100; each++) {
      throttle.ask()
      await vi.advanceTimersByTimeAsync(1)
    }
    await vi.advanceTimersByTimeAsync(1000)
    expect(runs.map((at) => Math.round((at - started) / 50))).toEqual([0, 1, 2])
  })

  it('never runs twice at the same time; what is asked during a run gets one more', async () => {
    const gates: (() => void)[] = []
    const throttle = new Throttle(() => new Promise((resolve) => gates.push(resolve)), PACE)
    throttle.ask()
    await vi.advanceTimersByTimeAsync(1)
    throttle.ask()
    throttle.ask()
    await vi.advanceTimersByTimeAsync(5000)
    expect(gates).toHaveLength(1)
    gates[0]?.()
    await vi.advanceTimersByTimeAsync(5000)
    expect(gates).toHaveLength(2)
    gates[1]?.()
    await vi.advanceTimersByTimeAsync(5000)
    expect(gates).toHaveLength(2)
  })

  it('runs again by itself after a failure, until it succeeds', async () => {
    let failures = 3
    let runs = 0
    const throttle = new Throttle(() => {
      runs++
      return failures-- > 0 ? Promise.reject(new Error('away')) : Promise.resolve()
    }, PACE)
    throttle.ask()
    await vi.advanceTimersByTimeAsync(999)
    expect(runs).toBe(1)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(runs).toBe(4)
  })

  it('begins nothing once it is stopped, and waits for what is under way', async () => {
    let runs = 0
    let finish = (): void => undefined
    const throttle = new Throttle(() => {
      runs++
      return new Promise((resolve) => (finish = resolve))
    }, PACE)
    throttle.ask()
    await vi.advanceTimersByTimeAsync(1)
    throttle.ask()
    let stopped = false
    const stopping = throttle.stop().then(() => (stopped = true))
    await vi.advanceTimersByTimeAsync(100)
    expect(stopped).toBe(false)
    finish()
    await stopping
    throttle.ask()
    await vi.advanceTimersByTimeAsync(5000)
    expect(runs).toBe(1)
  })

  it('begins nothing that was asked for before it was stopped', async () => {
    let runs = 0
    const throttle = new Throttle(() => Promise.resolve(void runs++), PACE)
    throttle.ask()
    await throttle.stop()
    await vi.advanceTimersByTimeAsync(5000)
    expect(runs).toBe(0)
  })
})
