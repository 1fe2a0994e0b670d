import type { Navigation } from './navigation.ts'

/** Where the app lies on its site; the server and the service worker know it too. */
export const BASE = '/app'

/** The address bar and the browser's own back and forward. */
export function browserNavigation(): Navigation {
  const listeners = new Set<() => void>()
  const notify = () => {
    for (const listener of listeners) listener()
  }
  // The browser goes back some time later, from wherever the page is by then: what comes in between waits for it.
  let isGoingBack = false
  let afterBack: (() => void) | undefined
  globalThis.addEventListener('popstate', () => {
    const then = afterBack
    isGoingBack = false
    afterBack = undefined
    if (then === undefined) notify()
    else then()
  })
  const onceBack = (step: () => void) => {
    if (isGoingBack) afterBack = step
    else step()
  }
  // Only what this page has put there is gone back to: before it may lie another site.
  const depth = (): number => (typeof history.state?.depth === 'number' ? history.state.depth : 0)
  return {
    path: () => {
      const { pathname } = globalThis.location
      const path = pathname.startsWith(BASE) ? pathname.slice(BASE.length) : pathname
      return path === '' || path === '/index.html' ? '/' : path
    },
    href: (path) => `${BASE}${path}`,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    go: (path) =>
      onceBack(() => {
        history.pushState({ depth: depth() + 1 }, '', `${BASE}${path}`)
        notify()
      }),
    replace: (path) =>
      onceBack(() => {
        history.replaceState({ depth: depth() }, '', `${BASE}${path}`)
        notify()
      }),
    back: (otherwise) => {
      // Twice in a row is one press too many.
      if (isGoingBack) return
      if (depth() > 0) {
        isGoingBack = true
        history.back()
      } else {
        history.replaceState({ depth: 0 }, '', `${BASE}${otherwise}`)
        notify()
      }
    },
  }
}
