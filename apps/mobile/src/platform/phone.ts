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

const SETTINGS = 'fieldsync-settings'

/** iOS and Android. */
export const platform: Platform = {
  kind: Native.OS === 'android' ? 'android' : 'ios',
  openStore: (name) => openExpoSqliteStore({ sqlite, databaseName: `${name}.db` }),
  storeNames: () => Promise.resolve([]),
  // With the token in it, they lie where the system keeps secrets.
  settings: {
    read: () => SecureStore.getItemAsync(SETTINGS),
    write: (text) => SecureStore.setItemAsync(SETTINGS, text),
    watch: () => () => undefined,
  },
  unsavedNote: (deviceId) => {
    const key = `unsaved-note-${deviceId}`
    return {
      read: () => Storage.getItemAsync(key),
      write: (text) => Storage.setItemAsync(key, text),
    }
  },
  locate: phonePosition,
  share: sharePhoneFile,
  storageRisk: () => Promise.resolve('none'),
  protectStorage: () => Promise.resolve('none'),
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
