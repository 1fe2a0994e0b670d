import { cryptoRandom } from '@fieldsync/client'
import type { OpenedLink } from '@fieldsync/client/opened-link'
import { openSoftwareSigner, type SecretStore } from '@fieldsync/client/signers/software'
import type { ObservationLocation } from '@fieldsync/contracts'
import type { Connectivity } from '@fieldsync/sync-engine'
import { openExpoSqliteStore } from '@fieldsync/sync-engine/stores/expo-sqlite'
import * as Crypto from 'expo-crypto'
import { File, Paths } from 'expo-file-system'
import * as Positions from 'expo-location'
import * as Network from 'expo-network'
import * as SecureStore from 'expo-secure-store'
import * as Sharing from 'expo-sharing'
import * as sqlite from 'expo-sqlite'
import { Storage } from 'expo-sqlite/kv-store'
import { fetch } from 'expo/fetch'
import {
  AccessibilityInfo,
  AppState,
  BackHandler,
  Linking,
  PanResponder,
  Platform as Native,
} from 'react-native'

import { beginsAtEdge, leadsBack } from '../navigation/edge-swipe.ts'
import { phoneNavigation } from '../navigation/phone-navigation.ts'
import { measured } from './measured.ts'
import { deletePhoneFiles, phoneEncryption, rawPhoneStore } from './phone-encryption.ts'
import { phoneForeground } from './phone-foreground.ts'
import { phoneScanner } from './phone-scanner.tsx'
import type { AppUpdate, Platform, SharedFile } from './platform.ts'
import { type RawExport, rawExport } from './raw-export.ts'

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

async function deletePhoneStore(name: string): Promise<void> {
  await deletePhoneFiles(name)
  await Storage.setItemAsync(STORES, JSON.stringify((await notedStores()).filter((each) => each !== name)))
}

/** Where the system keeps secrets. */
const SECRETS: SecretStore = {
  get: (name) => SecureStore.getItemAsync(name),
  set: (name, value) => SecureStore.setItemAsync(name, value),
  delete: (name) => SecureStore.deleteItemAsync(name),
}

/** A phone's app is renewed by the store that it came from. */
const NO_UPDATE: AppUpdate = {
  isWaiting: () => false,
  subscribe: () => () => undefined,
  apply: () => undefined,
}

/** Links to a server open the browser: they are pasted into the app. */
const NO_LINK: OpenedLink = {
  current: () => null,
  subscribe: () => () => undefined,
  forget: () => undefined,
}

/** Where the phone is. Null where the person does not allow it, or nobody knows. */
async function phonePosition(): Promise<ObservationLocation | null> {
  const { granted } = await Positions.requestForegroundPermissionsAsync()
  if (!granted) return null
  const known = await Positions.getLastKnownPositionAsync({ maxAge: 60_000, requiredAccuracy: 100 })
  const { coords } = known ?? (await Positions.getCurrentPositionAsync({ accuracy: Positions.Accuracy.High }))
  return measured(coords)
}

/**
 * Hands a text to another app as a file: as one long message, mail and messengers cut it or refuse it. The copy in the
 * cache is the system's to clear; a later export of the same name takes its place.
 *
 * @throws Error where the device can share nothing, or has no room for the file
 */
async function sharePhoneFile({ name, text }: SharedFile): Promise<void> {
  const file = new File(Paths.cache, name)
  file.create({ overwrite: true })
  file.write(text)
  await Sharing.shareAsync(file.uri, { mimeType: 'application/json', UTI: 'public.json', dialogTitle: name })
}

/** What the system says of the network. In doubt yes: a wrong yes costs a call, a wrong no would keep from syncing. */
export function phoneConnectivity(): Connectivity {
  let online = true
  const listeners = new Set<(online: boolean) => void>()
  const take = ({ isConnected }: Network.NetworkState) => {
    const next = isConnected !== false
    if (next === online) return
    online = next
    for (const listener of listeners) listener(next)
  }
  Network.addNetworkStateListener(take)
  void Network.getNetworkStateAsync().then(take, () => undefined)
  return {
    isOnline: () => online,
    onChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** The stores of these names as they lie there, whatever version of the app wrote them. */
const rawPhoneStores = (names: readonly string[]): Promise<RawExport> => rawExport(names, rawPhoneStore)

/** An iPhone's own way back; Android's system has one, which {@link phoneNavigation} hears. */
function swipeBack(back: () => void): Readonly<Record<string, unknown>> {
  if (Native.OS !== 'ios') return {}
  const { panHandlers } = PanResponder.create({
    onMoveShouldSetPanResponderCapture: (_event, swipe) => beginsAtEdge(swipe),
    onPanResponderRelease: (_event, swipe) => {
      if (leadsBack(swipe)) back()
    },
  })
  return { ...panHandlers }
}

/** iOS and Android. */
export const platform: Platform = {
  kind: Native.OS === 'android' ? 'android' : 'ios',
  openStore: async (name) => {
    // For the export of a store that does not open.
    await noteStore(name).catch(() => undefined)
    const databaseName = `${name}.db`
    return openExpoSqliteStore({ sqlite, databaseName, encryption: phoneEncryption(name) })
  },
  deleteStore: deletePhoneStore,
  storeNames: notedStores,
  openSigner: (owner) => openSoftwareSigner({ owner, secrets: SECRETS, random: Crypto }),
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
    forget: async (isGone) => {
      const forms = (await Storage.getAllKeysAsync()).filter(isGone)
      for (const form of forms) await Storage.removeItemAsync(form)
      for (const file of Paths.cache.list()) if (/^fieldsync-.*\.json$/.test(file.name)) file.delete()
    },
  },
  texts: {
    read: (name) => Storage.getItemAsync(name),
    write: (name, text) => Storage.setItemAsync(name, text),
  },
  onLeave: (listener) => {
    const subscription = AppState.addEventListener('change', (state) => state !== 'active' && listener())
    return () => subscription.remove()
  },
  locate: phonePosition,
  share: sharePhoneFile,
  scanner: phoneScanner,
  storageRisk: () => Promise.resolve('none'),
  protectStorage: () => Promise.resolve('none'),
  rawExport: async (known) => rawPhoneStores([...known, ...(await notedStores().catch(() => []))]),
  navigation: phoneNavigation({ BackHandler, Linking }),
  openedLink: NO_LINK,
  swipeBack,
  languages: [Intl.DateTimeFormat().resolvedOptions().locale],
  defaultServer: '',
  update: NO_UPDATE,
  startsOffline: true,
  paint: () => undefined,
  // A screen reader says where the person has come to; nothing else of a phone shows a title.
  setTitle: (title) => AccessibilityInfo.announceForAccessibilityWithOptions(title, { queue: true }),
  network: {
    // React Native's own gives no answer piece by piece: live pokes would not arrive.
    fetch,
    random: cryptoRandom(Crypto),
    connectivity: phoneConnectivity(),
    onForeground: phoneForeground(AppState),
  },
}
