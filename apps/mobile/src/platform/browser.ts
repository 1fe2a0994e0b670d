import { browserLink } from '@fieldsync/client/opened-link'
import { openBrowserSigner } from '@fieldsync/client/signers/browser'
import type { ObservationLocation } from '@fieldsync/contracts'
import { browserTabs } from '@fieldsync/sync-engine/stores/browser-tabs'
import { openIndexedDbStore } from '@fieldsync/sync-engine/stores/indexeddb'

import { browserNavigation } from '../navigation/browser-navigation.ts'
import { browserUnsaved } from './browser-unsaved.ts'
import { measured } from './measured.ts'
import type { Platform, SharedFile, StorageRisk, UnsavedText, WatchedText } from './platform.ts'
import { databaseNames, deleteDatabase, rawBrowserStores } from './raw-browser-stores.ts'
import { serviceWorkerUpdate } from './service-worker-update.ts'
import { withTexts } from './text-database.ts'

/** Saves a text as a file, as if the person had followed a link to it. */
async function saveFile({ name, text }: SharedFile): Promise<void> {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser reads it after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
  return Promise.resolve()
}

/** Where the browser is. Null where the person does not allow it, or nobody knows within half a minute. */
function browserPosition(): Promise<ObservationLocation | null> {
  if (!('geolocation' in navigator)) return Promise.resolve(null)
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve(measured(coords)),
      () => resolve(null),
      { enableHighAccuracy: true, maximumAge: 60_000, timeout: 30_000 },
    )
  })
}

/** Whether this browser may clear what the app has stored (APP-50). */
async function browserStorageRisk(): Promise<StorageRisk> {
  if (isIosBrowser()) return 'ios_browser'
  // Old browsers cannot say; they clear storage all the same.
  const persisted = (await navigator.storage?.persisted?.().catch(() => false)) ?? false
  return persisted ? 'none' : 'evictable'
}

/** Asks the browser not to clear it: some ask the person, some go by how much the site is used or whether it is installed. */
async function protectBrowserStorage(): Promise<StorageRisk> {
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

/** One text in the app's small database. */
const browserText = (name: string): UnsavedText => ({
  read: async () => (await withTexts((store) => store.get(name))) ?? null,
  write: (text) => withTexts(async (store) => void (await store.put(text, name))),
})

/** The settings, of whose changes the site's other tabs hear. */
class BrowserSettings implements WatchedText {
  readonly #text = browserText('settings')
  // An old browser's tabs see each other's settings when they are loaded again.
  readonly #channel =
    typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('fieldsync-app-settings')

  readonly read = this.#text.read

  async write(text: string): Promise<void> {
    await this.#text.write(text)
    this.#channel?.postMessage('changed')
  }

  watch(changed: () => void): () => void {
    this.#channel?.addEventListener('message', changed)
    return () => this.#channel?.removeEventListener('message', changed)
  }
}

/** A browser, or the app that it has installed. */
export const platform: Platform = {
  kind: 'web',
  openStore: async (name) => {
    // Asks that the notes are not cleared when space runs out; the answer changes nothing for us.
    void navigator.storage?.persist?.().catch(() => undefined)
    return openIndexedDbStore({ name })
  },
  deleteStore: deleteDatabase,
  storeNames: databaseNames,
  openSigner: openBrowserSigner,
  settings: new BrowserSettings(),
  unsaved: browserUnsaved(),
  texts: {
    read: (name) => browserText(name).read(),
    write: (name, text) => browserText(name).write(text),
  },
  onLeave: (listener) => {
    const hidden = () => document.visibilityState === 'hidden' && listener()
    document.addEventListener('visibilitychange', hidden)
    globalThis.addEventListener('pagehide', listener)
    return () => {
      document.removeEventListener('visibilitychange', hidden)
      globalThis.removeEventListener('pagehide', listener)
    }
  },
  locate: browserPosition,
  share: saveFile,
  scanner: null,
  storageRisk: browserStorageRisk,
  protectStorage: protectBrowserStorage,
  rawExport: rawBrowserStores,
  navigation: browserNavigation(),
  openedLink: browserLink(),
  swipeBack: () => ({}),
  languages: navigator.languages,
  defaultServer: globalThis.location.origin,
  update: serviceWorkerUpdate(),
  startsOffline: 'serviceWorker' in navigator,
  paint: ({ ground, focus, theme }) => {
    const { style, dataset } = document.documentElement
    dataset['theme'] = theme
    style.setProperty('--ground', ground)
    style.setProperty('--focus', focus)
  },
  setTitle: (title, language) => {
    document.title = title
    document.documentElement.lang = language
  },
  network: { tabs: browserTabs() },
}
