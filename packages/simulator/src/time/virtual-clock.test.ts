import { seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { runUntil, SkewedClock, VirtualClock } from './virtual-clock.ts'

const clockOf = (seed = 1) => new VirtualClock(seededRandom(seed), 1000)

describe('VirtualClock', () => {
  it('runs what is due in the order of time, and moves on to it', () => {
    const clock = clockOf()
    const seen: string[] = []
    clock.after(30, () => seen.push(`c ${clock.now()}`))
    clock.after(10, () => {
      seen.push(`a ${clock.now()}`)
      clock.after(5, () => seen.push(`b ${clock.now()}`))
    })
    while (clock.step()) expect(clock.now()).toBeGreaterThan(1000)
    expect(seen).toEqual(['a 1010', 'b 1015', 'c 1030'])
  })

  it('picks the order of what is due at once by the seed', () => {
    const order = (seed: number) => {
      const clock = clockOf(seed)
      const seen: number[] = []
      for (let i = 0; i < 6; i++) clock.after(5, () => seen.push(i))
      while (clock.step());
      return seen
    }
    expect(order(1)).toEqual(order(1))
    expect(order(1).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5])
    expect(new Set([1, 2, 3, 4, 5].map((seed) => order(seed).join())).size).toBeGreaterThan(1)
  })

  it('forgets what was cancelled, and passes over nothing', () => {
    const clock = clockOf()
    const cancel = clock.after(5, () => expect.unreachable())
    clock.after(9, () => undefined)
    cancel()
    expect(clock.nextDue).toBe(1009)
    expect(() => clock.pass(10)).toThrow('due')
    clock.pass(9)
    expect(clock.now()).toBe(1009)
    expect([clock.step(), clock.step()]).toEqual([true, false])
  })
})

it('SkewedClock tells another time and waits as long', () => {
  const clock = clockOf()
  const skewed = new SkewedClock(clock, -600)
  let rung = 0
  skewed.after(50, () => (rung = skewed.now()))
  skewed.lead = 7
  clock.step()
  expect(rung).toBe(1057)
})

describe('runUntil', () => {
  it('runs promises to their end between two things that are due', async () => {
    const clock = clockOf()
    const wait = (milliseconds: number) =>
      new Promise<void>((resolve) => void clock.after(milliseconds, resolve))
    let done = false
    const work = async () => {
      for (let i = 0; i < 5; i++) {
        await wait(100)
        await Promise.all([Promise.resolve().then(() => Promise.resolve()), wait(1)])
      }
      done = true
    }
    const working = work()
    await runUntil(clock, () => done, 1000)
    await working
    expect(clock.now()).toBe(1505)
  })

  it('says when nothing is left to happen, and when it takes too long', async () => {
    const idle = clockOf()
    await expect(runUntil(idle, () => false, 10)).rejects.toThrow('nothing is due')
    const endless = clockOf()
    const again = () => void endless.after(60, again)
    again()
    await expect(runUntil(endless, () => false, 1000)).rejects.toThrow('not done after 1000 ms')
  })
})
