import type { Connectivity } from '@fieldsync/sync-engine'

/** For platforms that do not tell: a call finds out. */
export const alwaysOnline: Connectivity = { isOnline: () => true, onChange: () => () => undefined }

/** What a browser believes of its network; elsewhere {@link alwaysOnline}. */
export function platformConnectivity(): Connectivity {
  const tells = typeof navigator !== 'undefined' && typeof navigator.onLine === 'boolean'
  if (!tells || typeof globalThis.addEventListener !== 'function') return alwaysOnline
  return {
    isOnline: () => navigator.onLine,
    onChange: (listener) => {
      const onOnline = (): void => listener(true)
      const onOffline = (): void => listener(false)
      addEventListener('online', onOnline)
      addEventListener('offline', onOffline)
      return () => {
        removeEventListener('online', onOnline)
        removeEventListener('offline', onOffline)
      }
    },
  }
}
