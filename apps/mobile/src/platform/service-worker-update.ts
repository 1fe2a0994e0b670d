import { BASE } from '../navigation/browser-navigation.ts'
import type { AppUpdate } from './platform.ts'

/** Registers the service worker, which keeps the app for use without a network, and tells when a newer one waits. */
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
