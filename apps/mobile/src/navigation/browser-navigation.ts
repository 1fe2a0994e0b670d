import type { Navigation } from './navigation.ts'

/** Where the app lies on its site; the server and the service worker know it too. */
export const BASE = '/app'

/** The address bar and the browser's own back and forward. */
export function browserNavigation(): Navigation {
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of listeners) listener()
  }
  globalThis.addEventListener('popstate', tell)
  // Only what this page has put there is gone back to: before it may lie another site.
  const depth = (): number => (typeof history.state?.depth === 'number' ? history.state.depth : 0)
  return {
    path: () => {
      const { pathname } = globalThis.location
      const path = pathname.startsWith(BASE) ? pathname.slice(BASE.length) : pathname
      return path === '' || path === '/index.html' ? '/' : path
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    go: (path) => {
      history.pushState({ depth: depth() + 1 }, '', `${BASE}${path}`)
      tell()
    },
    replace: (path) => {
      history.replaceState({ depth: depth() }, '', `${BASE}${path}`)
      tell()
    },
    back: (otherwise) => {
      if (depth() > 0) history.back()
      else {
        history.replaceState({ depth: 0 }, '', `${BASE}${otherwise}`)
        tell()
      }
    },
  }
}
