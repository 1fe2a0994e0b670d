import { createHash } from 'node:crypto'

import { CorrectionId, ObservationId, PatchId, RecommendationId, SyncId } from '@fieldsync/contracts'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { cryptoRandom } from './crypto-random.ts'
import { alwaysOnline, platformConnectivity } from './platform-connectivity.ts'
import { onForeground } from './platform-foreground.ts'
import { sha256 } from './sha256.ts'
import { systemClock } from './system-clock.ts'
import { ulidIds } from './ulid-ids.ts'

afterEach(() => void vi.unstubAllGlobals())

describe('ids', () => {
  it('[IDS-1] are of the form that no two devices share, with the day they were made on', () => {
    const ids = ulidIds({ ...systemClock, now: () => Date.UTC(2026, 1, 11, 23, 59) }, cryptoRandom())
    expect(ids.observation()).toMatch(/^obs_20260211_[0-9A-HJKMNP-TV-Z]{26}$/)
    expect(ids.recommendation()).toMatch(/^rec_20260211_[0-9A-HJKMNP-TV-Z]{26}$/)
    expect(ids.patch()).toMatch(/^pch_20260211_[0-9A-HJKMNP-TV-Z]{26}$/)
  })

  it('[IDS-1] differ although clock and device are the same', () => {
    const ids = ulidIds({ ...systemClock, now: () => 0 }, cryptoRandom())
    expect(new Set(Array.from({ length: 1000 }, () => ids.observation())).size).toBe(1000)
  })

  it.each([Number.MIN_SAFE_INTEGER, -1, 0, Date.UTC(9999, 11, 31, 23), 8.64e15, Number.MAX_SAFE_INTEGER])(
    '[IDS-1] keep their form whatever the clock says: %d',
    (now) => {
      const ids = ulidIds({ ...systemClock, now: () => now }, cryptoRandom())
      const kinds = [ObservationId, RecommendationId, PatchId, CorrectionId, SyncId]
      const made = [ids.observation(), ids.recommendation(), ids.patch(), ids.correction(), ids.sync()]
      expect(made.filter((id, index) => kinds[index]?.safeParse(id).success !== true)).toEqual([])
    },
  )
})

describe('randomness', () => {
  it('is spread over [0, 1), 53 bits of it', () => {
    const random = cryptoRandom()
    const drawn = Array.from({ length: 4000 }, () => random.next())
    expect(drawn.filter((value) => !(value >= 0 && value < 1))).toEqual([])
    expect(new Set(drawn).size).toBe(drawn.length)
    for (let tenth = 0; tenth < 10; tenth++) {
      // 400 expected; fewer than 280 or more than 520 happen less than once in a billion runs.
      const inside = drawn.filter((value) => Math.floor(value * 10) === tenth).length
      expect(inside).toBeGreaterThan(280)
      expect(inside).toBeLessThan(520)
    }
  })

  it('says what to do where a platform has none', () => {
    vi.stubGlobal('crypto', undefined)
    expect(() => cryptoRandom()).toThrow('give the client a `random`')
    const own = cryptoRandom({ getRandomValues: (array) => array.fill(2 ** 32 - 1) })
    expect(own.next()).toBe(1 - 2 ** -53)
  })
})

describe('sha256', () => {
  it.each(['', 'abc', 'é🍇\u0000', 'x'.repeat(100_000)])('is the platform’s own', (text) => {
    expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'))
  })
})

describe('the clock', () => {
  it('calls back once, unless it is canceled', async () => {
    const called: string[] = []
    const cancel = systemClock.after(0, () => called.push('cancelled'))
    cancel()
    await new Promise<void>((resolve) => {
      systemClock.after(1, () => {
        called.push('due')
        resolve()
      })
    })
    expect(called).toEqual(['due'])
  })

  it('waits for years without calling back at once', async () => {
    let called = false
    const cancel = systemClock.after(1e15, () => (called = true))
    await new Promise<void>((resolve) => systemClock.after(5, resolve))
    cancel()
    expect(called).toBe(false)
  })
})

describe('connectivity', () => {
  it('is assumed where the platform does not report it', () => {
    expect(platformConnectivity()).toBe(alwaysOnline)
    expect(alwaysOnline.isOnline()).toBe(true)
  })

  it('is what a browser says, until the listener is taken off', () => {
    const page = new EventTarget()
    const navigator = { onLine: true }
    vi.stubGlobal('navigator', navigator)
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
    const connectivity = platformConnectivity()
    const heard: boolean[] = []
    const stop = connectivity.onChange((online) => heard.push(online))
    navigator.onLine = false
    page.dispatchEvent(new Event('offline'))
    expect(connectivity.isOnline()).toBe(false)
    page.dispatchEvent(new Event('online'))
    stop()
    page.dispatchEvent(new Event('offline'))
    expect(heard).toEqual([false, true])
  })
})

describe('the foreground', () => {
  it('is notified when a page is shown again, until the listener is removed', () => {
    const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
    vi.stubGlobal('document', page)
    let shown = 0
    const stop = onForeground(() => shown++)
    page.visibilityState = 'hidden'
    page.dispatchEvent(new Event('visibilitychange'))
    page.visibilityState = 'visible'
    page.dispatchEvent(new Event('visibilitychange'))
    stop()
    page.dispatchEvent(new Event('visibilitychange'))
    expect(shown).toBe(1)
  })

  it('is never notified where there are no pages', () => {
    expect(onForeground(() => undefined)).not.toThrow()
  })
})
