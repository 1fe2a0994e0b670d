import { describe, expect, it } from 'vitest'

import { Batcher, type BatcherOptions } from './batcher.ts'
import { ConnectionClosedError } from './connection/connection-closed-error.ts'

/** A batcher whose runs end when the test says so. */
function held(options: Partial<BatcherOptions<number, string>> = {}) {
  const runs: { inputs: readonly number[]; end: () => void; fail: (error: Error) => void }[] = []
  const batcher = new Batcher<number, string>({
    run: (inputs) =>
      new Promise((resolve, reject) => {
        runs.push({ inputs, end: () => resolve(inputs.map((input) => `answer ${input}`)), fail: reject })
      }),
    runsAtOnce: 1,
    mostCalls: 3,
    ...options,
  })
  const sizes = () => runs.map(({ inputs }) => inputs)
  return { batcher, runs, sizes }
}

const immediate = () => new Promise((resolve) => setImmediate(resolve))

/** Until what ends in this turn of the event loop has started its continuation in the next. */
async function turn(): Promise<void> {
  await immediate()
  await immediate()
}

describe('Coalescer', () => {
  it('runs the calls of one turn together, and those that come meanwhile, in their order', async () => {
    const { batcher, runs, sizes } = held()
    const calls = [batcher.call(1)]
    await turn()
    expect(sizes()).toEqual([[1]])
    calls.push(batcher.call(2), batcher.call(3))
    await turn()
    expect(sizes()).toEqual([[1]])
    expect(batcher.idle).toBe(false)
    runs[0]?.end()
    await turn()
    expect(sizes()).toEqual([[1], [2, 3]])
    runs[1]?.end()
    expect(await Promise.all(calls)).toEqual(['answer 1', 'answer 2', 'answer 3'])
    await turn()
    expect(batcher.idle).toBe(true)
  })

  it('holds to its bounds: calls in a run, runs at once, and weight', async () => {
    const { batcher, runs, sizes } = held({ runsAtOnce: 2, weigh: (input) => input, mostWeight: 10 })
    const calls = [1, 2, 3, 3, 3, 3, 4, 50, 5].map((input) => batcher.call(input))
    await turn()
    expect(sizes()).toEqual([
      [1, 2, 3],
      [3, 3, 3],
    ])
    for (let n = 0; n < 6; n++) {
      runs[n]?.end()
      await turn()
    }
    expect(sizes()).toEqual([[1, 2, 3], [3, 3, 3], [4], [50], [5]])
    await Promise.all(calls)
  })

  it('tries each call alone when a run fails, so that only the cause of it fails', async () => {
    const tried: (readonly number[])[] = []
    const { batcher } = held({
      mostCalls: 4,
      run: (inputs) => {
        tried.push(inputs)
        return inputs.includes(3)
          ? Promise.reject(new Error('cannot be carried out'))
          : Promise.resolve(inputs.map((input) => `answer ${input}`))
      },
    })
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((input) => batcher.call(input)))
    expect(tried).toEqual([[1, 2, 3, 4], [1], [2], [3], [4]])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  })

  it('[RUN-14] lets queued calls fail with a run that took until its time limit, and none with one that did not', async () => {
    const { batcher, runs, sizes } = held()
    const outcome = (input: number) => batcher.call(input).catch((error: unknown) => error)
    const silent = new ConnectionClosedError('silent')
    const calls = [outcome(1)]
    await turn()
    calls.push(outcome(2), outcome(3))
    await turn()
    runs[0]?.fail(silent)
    expect(await Promise.all(calls)).toEqual([silent, silent, silent])

    const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    const later = [outcome(4)]
    await turn()
    later.push(outcome(5))
    runs[1]?.fail(reset)
    await turn()
    runs[2]?.end()
    expect(await Promise.all(later)).toEqual([reset, 'answer 5'])
    expect(sizes()).toEqual([[1], [4], [5]])
  })

  it('does not ask a database that is away once for each call', async () => {
    const { batcher, runs } = held()
    const first = batcher.call(1)
    await turn()
    const calls = Promise.allSettled([first, batcher.call(2), batcher.call(3)])
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    runs[0]?.fail(away)
    await turn()
    runs[1]?.fail(away)
    expect((await calls).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(runs).toHaveLength(2)
  })

  it('detects a run that answers too few of its calls', async () => {
    const { batcher } = held({ run: () => Promise.resolve([]) })
    await expect(batcher.call(1)).rejects.toThrow('answered 0 of 1 calls')
  })
})
