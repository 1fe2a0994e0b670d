import type { LivePoke, Tabs } from '@fieldsync/sync-engine'
import { browserTabs } from '@fieldsync/sync-engine/stores/browser-tabs'
import { describe, expect, it, onTestFinished } from 'vitest'

import { ManualClock } from '../testing/manual-clock.ts'
import { sharedPoke } from './shared-poke.ts'

/** How soon another tab replaces one that died, and how long one may be silent before its stream is taken over. */
const RETRY_MS = 5_000
const SUSPENDED_MS = 150_000

let names = 0
const nextName = (): string => `test ${(names += 1)}`
/** Polls for effects of other tabs. */
const soon = <T>(read: () => T) => expect.poll(read, { timeout: 5000, interval: 5 })

/** Tabs of one browser with Node's own Web Locks and channels, and their streams. */
class Browser {
  readonly clock = new ManualClock()
  /** Whose streams are open. */
  readonly streams = new Set<string>()
  readonly #pokes = new Map<string, () => void>()

  tab(tabName: string, name: string | undefined, over: Partial<Tabs> = {}) {
    const tabs: Tabs = { ...browserTabs(), isVisible: () => true, ...over }
    const poke: LivePoke = {
      subscribe: (onPoke) => {
        this.streams.add(tabName)
        this.#pokes.set(tabName, onPoke)
        return () => void this.streams.delete(tabName)
      },
    }
    const heard = { count: 0 }
    const stop = sharedPoke(poke, { tabs, clock: this.clock, name }).subscribe(() => (heard.count += 1))
    onTestFinished(stop)
    return { heard, stop }
  }

  /** The server pokes on every open stream. */
  poke(): void {
    for (const name of this.streams) this.#pokes.get(name)?.()
  }

  /** Whose streams are open, in order; lets time pass before it checks. */
  open(milliseconds = 0): string[] {
    this.clock.advance(milliseconds)
    return [...this.streams].toSorted()
  }
}

describe('a stream that tabs share', () => {
  it('[LIV-11] is one for a credential, and its pokes reach every tab', async () => {
    const browser = new Browser()
    const name = nextName()
    const first = browser.tab('a', name)
    await soon(() => browser.open()).toEqual(['a'])
    const others = ['b', 'c', 'd', 'e', 'f', 'g'].map((tab) => browser.tab(tab, name))
    const heard = () => others.map((tab) => tab.heard.count)
    // Each pokes once on joining, since it may have missed some.
    await soon(heard).toEqual([1, 1, 1, 1, 1, 1])
    browser.poke()
    await soon(heard).toEqual([2, 2, 2, 2, 2, 2])
    expect([first.heard.count, browser.open()]).toEqual([1, ['a']])
  })

  it('[LIV-11] goes over to another tab at once when its tab lets go of it', async () => {
    const browser = new Browser()
    const name = nextName()
    const first = browser.tab('a', name)
    await soon(() => browser.open()).toEqual(['a'])
    const second = browser.tab('b', name)
    await soon(() => second.heard.count).toBe(1)
    first.stop()
    await soon(() => browser.open()).toEqual(['b'])
    browser.poke()
    expect([first.heard.count, second.heard.count]).toEqual([0, 2])
  })

  it('[LIV-11] goes over to another tab soon when its tab dies without a word', async () => {
    const browser = new Browser()
    const name = nextName()
    // The browser frees the locks of a tab that dies, and nothing in it goes on.
    const died = Promise.withResolvers<undefined>()
    const never = new Promise<never>(() => undefined)
    browser.tab('dying', name, {
      alone: async (request) => {
        const { signal } = new AbortController()
        await browserTabs().alone({
          ...request,
          work: () => Promise.race([request.work(signal), died.promise]),
        })
        return await never
      },
      channel: () => ({ post: () => undefined, close: () => undefined }),
    })
    await soon(() => browser.open()).toEqual(['dying'])
    const second = browser.tab('b', name)
    await soon(() => second.heard.count).toBe(1)
    expect(browser.open(RETRY_MS - 1)).toEqual(['dying'])
    browser.streams.delete('dying')
    died.resolve(undefined)
    await soon(() => browser.open(RETRY_MS)).toEqual(['b'])
  })

  it('[LIV-11] is taken from a tab that is suspended, by one that a person sees', async () => {
    const browser = new Browser()
    const name = nextName()
    // It holds its lock and is silent, like a background tab on a phone.
    const mute = { post: () => undefined, close: () => undefined }
    browser.tab('suspended', name, { channel: () => mute })
    await soon(() => browser.open()).toEqual(['suspended'])
    const hidden = browser.tab('hidden', name, { isVisible: () => false })
    await soon(() => hidden.heard.count).toBe(1)
    for (let waited = 0; waited < 2 * SUSPENDED_MS; waited += RETRY_MS) {
      browser.clock.advance(RETRY_MS)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(browser.open()).toEqual(['suspended'])
    const visible = browser.tab('visible', name)
    await soon(() => visible.heard.count).toBe(1)
    await soon(() => browser.open(RETRY_MS)).toEqual(['visible'])
  })

  it('[LIV-11] is left to a tab that is busy elsewhere, as long as it says that it is there', async () => {
    const browser = new Browser()
    const name = nextName()
    browser.tab('a', name)
    await soon(() => browser.open()).toEqual(['a'])
    const second = browser.tab('b', name)
    await soon(() => second.heard.count).toBe(1)
    for (let waited = 0; waited < 2 * SUSPENDED_MS; waited += RETRY_MS) {
      browser.clock.advance(RETRY_MS)
      // Its heartbeat is a message between tabs.
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(browser.open()).toEqual(['a'])
  })
})

it('[LIV-11] three streams are open in a browser at most; the next has its place when one closes', async () => {
  const browser = new Browser()
  const tabs: { stop: () => void }[] = []
  for (const [index, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
    // Two of them have an unnamed credential.
    tabs.push(browser.tab(name, index % 2 === 0 ? nextName() : undefined))
    await soon(() => browser.open()).toEqual(['a', 'b', 'c', 'd', 'e'].slice(0, Math.min(index + 1, 3)))
  }
  browser.clock.advance(RETRY_MS)
  expect(browser.open()).toEqual(['a', 'b', 'c'])
  tabs[1]?.stop()
  await soon(() => browser.open(RETRY_MS).length).toBe(3)
  expect(browser.open()).not.toContain('b')
})

it('[LIV-11] where tabs can agree on nothing each has a stream of its own, until it is stopped', async () => {
  const browser = new Browser()
  const alone = () => Promise.reject(new Error('the site may store nothing'))
  const [first, second] = [browser.tab('a', nextName(), { alone }), browser.tab('b', nextName(), { alone })]
  await soon(() => browser.open()).toEqual(['a', 'b'])
  browser.poke()
  expect([first.heard.count, second.heard.count]).toEqual([1, 1])
  first.stop()
  second.stop()
  await soon(() => [browser.open(), browser.clock.nextIn]).toEqual([[], undefined])
})
