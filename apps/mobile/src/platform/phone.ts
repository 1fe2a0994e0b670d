import { cryptoRandom } from '@fieldsync/client'
import { openExpoSqliteStore } from '@fieldsync/sync-engine/stores/expo-sqlite'
import * as Crypto from 'expo-crypto'
import * as SecureStore from 'expo-secure-store'
import * as sqlite from 'expo-sqlite'
import { Storage } from 'expo-sqlite/kv-store'
import { fetch } from 'expo/fetch'
import { AppState, Platform as Native } from 'react-native'

import { phoneNavigation } from '../navigation/phone-navigation.ts'
import { NO_UPDATE } from './no-update.ts'
import { phoneConnectivity } from './phone-connectivity.ts'
import { phoneForeground } from './phone-foreground.ts'
import { phonePosition } from './phone-position.ts'
import { sharePhoneFile } from './phone-share.ts'
import type { Platform } from './platform.ts'
import { rawPhoneStores } from './raw-phone-stores.ts'

const SETTINGS = 'fieldsync-settings'
const STORES = 'fieldsync-stores'

/** Names of the stores that were ever opened here, which the system cannot list. */
async function notedStores(): Promise<string[]> {
  const noted: unknown = JSON.parse((await Storage.getItemAsync(STORES)) ?? '[]')
  return Array.isArray(noted) ? noted.filter((name) => typeof name === 'string') : []
}

async function noteStore(name: string): Promise<void> {
  const noted = await notedStores()
  if (!noted.includes(name)) await Storage.setItemAsync(STORES, JSON.stringify([...noted, name]))
}

/** iOS and Android. */
export const platform: Platform = {
  kind: Native.OS === 'android' ? 'android' : 'ios',
  openStore: async (name) => {
    // For the export of a store that does not open.
    await noteStore(name).catch(() => undefined)
    return openExpoSqliteStore({ sqlite, databaseName: `${name}.db` })
  },
  storeNames: notedStores,
  // With the token in it, they lie where the system keeps secrets.
  settings: {
    read: () => SecureStore.getItemAsync(SETTINGS),
    write: (text) => SecureStore.setItemAsync(SETTINGS, text),
    watch: () => () => undefined,
  },
  // One program has all the forms of the app.
  unsaved: {
    find: (form) => Storage.getItemAsync(form),
    keep: async (form, text) => {
      if (text === '') await Storage.removeItemAsync(form)
      else await Storage.setItemAsync(form, text)
    },
  },
  onLeave: (listener) => {
    const subscription = AppState.addEventListener('change', (state) => state !== 'active' && listener())
    return () => subscription.remove()
  },
  locate: phonePosition,
  share: sharePhoneFile,
  storageRisk: () => Promise.resolve('none'),
  protectStorage: () => Promise.resolve('none'),
  rawExport: async (known) => rawPhoneStores([...known, ...(await notedStores().catch(() => []))]),
  navigation: phoneNavigation(),
  languages: [Intl.DateTimeFormat().resolvedOptions().locale],
  defaultServer: '',
  update: NO_UPDATE,
  startsOffline: true,
  paint: () => undefined,
  setTitle: () => undefined,
  network: {
    // React Native's own gives no answer piece by piece: live pokes would not arrive.
    fetch,
    random: cryptoRandom(Crypto),
    connectivity: phoneConnectivity(),
    onForeground: phoneForeground(AppState),
  },
}
