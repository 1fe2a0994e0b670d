import type { StorageRisk } from './platform.ts'

/** Whether this browser may clear what the app has stored (APP-50). */
export async function browserStorageRisk(): Promise<StorageRisk> {
  if (isIosBrowser()) return 'ios_browser'
  // Old browsers cannot say; they clear storage all the same.
  const persisted = (await navigator.storage?.persisted?.().catch(() => false)) ?? false
  return persisted ? 'none' : 'evictable'
}

/** Asks the browser not to clear it: some ask the person, some go by how much the site is used or whether it is installed. */
export async function protectBrowserStorage(): Promise<StorageRisk> {
  await navigator.storage?.persist?.().catch(() => false)
  return browserStorageRisk()
}

/**
 * A tab on an iPhone or iPad: it loses everything after seven days without a visit, and an app that is added to the home
 * screen later begins with a storage of its own.
 */
function isIosBrowser(): boolean {
  const { userAgent, maxTouchPoints } = navigator
  // An iPad calls itself a Mac, which has no touch screen.
  const isIos = /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)
  return isIos && !matchMedia('(display-mode: standalone)').matches
}
