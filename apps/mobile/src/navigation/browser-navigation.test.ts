import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { browserNavigation } from './browser-navigation.ts'
import { whileAt } from './navigation.ts'

/** What the app uses of a page's address and history. Going back is done later, as in a browser. */
class Page extends EventTarget {
  readonly #entries: { state: unknown; address: string }[] = [{ state: null, address: '/app/' }]
  #at = 0

  get location() {
    return new URL(this.#entries[this.#at]?.address ?? '', 'https://farm.test')
  }

  get state() {
    return this.#entries[this.#at]?.state
  }

  pushState(state: unknown, _title: string, address: string) {
    this.#entries.splice(++this.#at, Infinity, { state, address })
  }

  replaceState(state: unknown, _title: string, address: string) {
    this.#entries[this.#at] = { state, address }
  }

  back() {
    setTimeout(() => {
      this.#at = Math.max(0, this.#at - 1)
      this.dispatchEvent(new Event('popstate'))
    }, 0)
  }
}

let page: Page
beforeEach(() => {
  page = new Page()
  vi.useFakeTimers()
  vi.stubGlobal('location', {
    get pathname() {
      return page.location.pathname
    },
  })
  vi.stubGlobal('history', page)
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('[APP-61] the end of a save', () => {
  it('leads away from the screen on which it began', () => {
    const navigation = browserNavigation()
    navigation.go('/notes')
    navigation.go('/edit')
    whileAt(navigation).back('/')
    vi.runAllTimers()
    expect(navigation.path()).toBe('/notes')
    whileAt(navigation).replace('/conflict')
    expect(navigation.path()).toBe('/conflict')
  })

  it.each(['back', 'replace'] as const)('takes nobody elsewhere who has gone on: %s', (way) => {
    const navigation = browserNavigation()
    navigation.go('/notes')
    navigation.go('/edit')
    const leave = whileAt(navigation)
    navigation.go('/home')
    leave[way]('/notes')
    vi.runAllTimers()
    expect(navigation.path()).toBe('/home')
  })

  it('takes nobody elsewhere who goes on while the browser still goes back', () => {
    const navigation = browserNavigation()
    const seen: string[] = []
    navigation.subscribe(() => seen.push(navigation.path()))
    navigation.go('/notes')
    navigation.go('/edit')
    whileAt(navigation).back('/')
    navigation.go('/home')
    vi.runAllTimers()
    expect(navigation.path()).toBe('/home')
    navigation.back('/')
    navigation.back('/')
    vi.runAllTimers()
    expect(navigation.path()).toBe('/notes')
    expect(seen).toEqual(['/notes', '/edit', '/home', '/notes'])
  })
})
