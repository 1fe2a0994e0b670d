import { openDB } from 'idb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { errorOf, gate } from '../testing/store-values.ts'
import { underLease } from './lease.ts'
import { useFakeIndexedDb } from './testing/fake-indexeddb.ts'

useFakeIndexedDb()
let names = 0

/** Takes a lease and keeps it until told. */
async function hold(name: string) {
  const taken = gate()
  const done = gate()
  const lost = new AbortController()
  const result = underLease(name, lost, async () => {
    taken.open()
    await done.opened
  })
  await taken.opened
  return { result, letGo: done.open, lost: lost.signal }
}

const tryOnce = async (name: string): Promise<boolean> =>
  (await underLease(name, new AbortController(), () => Promise.resolve())).ran

/** Puts a lease that another tab could have left behind. */
async function leave(name: string, until: number): Promise<void> {
  const database = await openDB(name, 1, { upgrade: (fresh) => void fresh.createObjectStore('lease') })
  await database.put('lease', { holder: 'somebody else', until }, 'lease')
  database.close()
}

describe('a lease, where there are no Web Locks', () => {
  let name = ''
  beforeEach(() => {
    name = `lease ${(names += 1)}`
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('[STO-9] is held by one at a time, and let go at the end or when the work fails', async () => {
    const holder = await hold(name)
    expect(await tryOnce(name)).toBe(false)
    holder.letGo()
    expect(await holder.result).toMatchObject({ ran: true })
    const error = new Error('the work failed')
    expect(await errorOf(underLease(name, new AbortController(), () => Promise.reject(error)))).toBe(error)
    expect(await tryOnce(name)).toBe(true)
  })

  it('[STO-9] is renewed for as long as the work takes', async () => {
    const holder = await hold(name)
    for (let minute = 0; minute < 20; minute += 1) {
      await vi.advanceTimersByTimeAsync(5_000)
      // The renewal itself takes turns of the real event loop.
      expect(await tryOnce(name)).toBe(false)
    }
    expect(holder.lost.aborted).toBe(false)
    expect(vi.getTimerCount()).toBe(1)
    holder.letGo()
    await holder.result
    expect(vi.getTimerCount()).toBe(0)
  })

  it('[STO-9] of a tab that died ends by itself', async () => {
    await leave(name, Date.now() + 30_000)
    expect(await tryOnce(name)).toBe(false)
    vi.setSystemTime(Date.now() + 29_999)
    expect(await tryOnce(name)).toBe(false)
    vi.setSystemTime(Date.now() + 1)
    expect(await tryOnce(name)).toBe(true)
  })

  it('[STO-9] of a time that a clock set back makes far away keeps nobody out', async () => {
    await leave(name, Date.now() + 24 * 3600_000)
    expect(await tryOnce(name)).toBe(true)
  })

  it('[STO-9] taken by another, while this tab could not renew it, aborts `lost` and stays with the other', async () => {
    const holder = await hold(name)
    const lost = new Promise<void>((resolve) => {
      holder.lost.addEventListener('abort', () => resolve())
    })
    await leave(name, Date.now() + 30_000)
    await vi.advanceTimersByTimeAsync(5_000)
    await lost
    holder.letGo()
    await holder.result
    expect(await tryOnce(name)).toBe(false)
  })
})
