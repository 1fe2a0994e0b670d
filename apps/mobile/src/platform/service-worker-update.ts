import { BASE } from '../navigation/browser-navigation.ts'
import type { AppUpdate } from './platform.ts'

/** Registers the service worker, which keeps the app for use without a network, and reports when a newer one waits. */
export function serviceWorkerUpdate(): AppUpdate {
  const listeners = new Set<() => void>()
  let waiting: ServiceWorker | null = null
  let isWanted = false
  const found = (worker: ServiceWorker | null) => {
    // The first one has no older one to wait for.
    if (worker === null || navigator.serviceWorker.controller === null) return
    waiting = worker
    for (const listener of listeners) listener()
  }
  const register = async () => {
    const registration = await navigator.serviceWorker.register(`${BASE}/sw.js`, { scope: `${BASE}/` })
    found(registration.waiting)
    checkRegularly(registration)
    registration.addEventListener('updatefound', () => {
      const worker = registration.installing
      worker?.addEventListener('statechange', () => {
        if (worker.state === 'installed') found(worker)
      })
    })
  }
  if ('serviceWorker' in navigator) {
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      if (isWanted) globalThis.location.reload()
    })
    // After the page: its own files come first. Where there is none, as while developing, the app is used online.
    const begin = () => void register().catch(() => undefined)
    if (document.readyState === 'complete') begin()
    else globalThis.addEventListener('load', begin)
  }
  return {
    isWaiting: () => waiting !== null,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    apply: () => {
      isWanted = true
      waiting?.postMessage({ type: 'SKIP_WAITING' }, { transfer: [] })
    },
  }
}

/** How often an app that stays open looks for a newer version; a browser does by itself only when a page is opened. */
const CHECK_MS = 30 * 60_000
const LEAST_CHECK_MS = 60_000

/** Looks for a newer version from time to time, when the app comes to the foreground, and when the network is back (APP-17). */
function checkRegularly(registration: ServiceWorkerRegistration): void {
  let last = Date.now()
  const check = () => {
    const age = Date.now() - last
    if (age >= 0 && age < LEAST_CHECK_MS) return
    last = Date.now()
    // Without a network it fails: the next one comes.
    registration.update().catch(() => undefined)
  }
  setInterval(check, CHECK_MS)
  globalThis.addEventListener('online', check)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') check()
  })
}
