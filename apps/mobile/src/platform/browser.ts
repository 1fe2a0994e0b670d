import { browserTabs } from '@fieldsync/sync-engine/stores/browser-tabs'
import { openIndexedDbStore } from '@fieldsync/sync-engine/stores/indexeddb'

import { browserNavigation } from '../navigation/browser-navigation.ts'
import { browserPosition } from './browser-position.ts'
import { browserStorageRisk, protectBrowserStorage } from './browser-storage.ts'
import { BrowserSettings } from './browser-unsaved-text.ts'
import { browserUnsaved } from './browser-unsaved.ts'
import type { Platform } from './platform.ts'
import { databaseNames, rawBrowserStores } from './raw-browser-stores.ts'
import { saveFile } from './save-file.ts'
import { serviceWorkerUpdate } from './service-worker-update.ts'

/** A browser, or the app that it has installed. */
export const platform: Platform = {
  kind: 'web',
  openStore: async (name) => {
    // Asks that the notes are not cleared when space runs out; the answer changes nothing for us.
    void navigator.storage?.persist?.().catch(() => undefined)
    return openIndexedDbStore({ name })
  },
  storeNames: databaseNames,
  settings: new BrowserSettings(),
  unsaved: browserUnsaved(),
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
  storageRisk: browserStorageRisk,
  protectStorage: protectBrowserStorage,
  rawExport: rawBrowserStores,
  navigation: browserNavigation(),
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
