import { afterEach, describe, expect, it, vi } from 'vitest'

import { browserLink } from './opened-link.ts'

/** What a page's address and history have for it. */
function openedAt(address: string, state: unknown = null) {
  const page = new EventTarget()
  let location = new URL(address)
  const replaced: unknown[] = []
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('location', {
    get href() {
      return location.href
    },
    get hash() {
      return location.hash
    },
    get pathname() {
      return location.pathname
    },
  })
  vi.stubGlobal('history', {
    state,
    replaceState: (before: unknown, _title: string, next: string) => {
      location = new URL(next, location)
      replaced.push(before)
    },
  })
  return {
    address: () => location.href,
    replaced,
    follow: (next: string) => {
      location = new URL(next, location)
      page.dispatchEvent(new Event('hashchange'))
    },
  }
}
afterEach(() => void vi.unstubAllGlobals())

describe('the link that a page was opened by', () => {
  it('is there until it is used, and in the address no more', () => {
    const page = openedAt('https://ours.example/app/#enroll=A-CODE', { depth: 2 })
    const link = browserLink()
    expect(page.address()).toBe('https://ours.example/app/')
    expect(page.replaced).toEqual([{ depth: 2 }])
    expect(link.current()).toBe('https://ours.example/app/#enroll=A-CODE')
    let changes = 0
    const stop = link.subscribe(() => changes++)
    link.forget()
    expect([link.current(), changes]).toEqual([null, 1])
    stop()
  })

  it('may reach a page that is open', () => {
    const page = openedAt('https://ours.example/app/history')
    const link = browserLink()
    let changes = 0
    link.subscribe(() => changes++)
    expect([link.current(), page.replaced]).toEqual([null, []])
    page.follow('/app/#other')
    expect(changes).toBe(0)
    page.follow('/app/#enroll=A-CODE')
    expect([link.current(), changes]).toEqual(['https://ours.example/app/#enroll=A-CODE', 1])
    expect(page.address()).toBe('https://ours.example/app/')
  })
})
