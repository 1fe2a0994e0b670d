import type { Connectivity } from '@fieldsync/sync-engine'

import { listenOn, pageScope } from './page-scope.ts'

/** For platforms that do not report it: a call finds out. */
export const alwaysOnline: Connectivity = { isOnline: () => true, onChange: () => () => undefined }

/** A browser's own view of its network; elsewhere {@link alwaysOnline}. */
export function platformConnectivity(): Connectivity {
  const { navigator, addEventListener, removeEventListener } = pageScope()
  if (typeof navigator?.onLine !== 'boolean' || !addEventListener || !removeEventListener) return alwaysOnline
  // Called as the functions of the global scope that they are.
  const scope = {
    addEventListener: (type: string, listener: () => void) => addEventListener(type, listener),
    removeEventListener: (type: string, listener: () => void) => removeEventListener(type, listener),
  }
  return {
    isOnline: () => navigator.onLine === true,
    onChange: (listener) => {
      const ends = [
        listenOn(scope, 'online', () => listener(true)),
        listenOn(scope, 'offline', () => listener(false)),
      ]
      return () => {
        for (const end of ends) end()
      }
    },
  }
}
