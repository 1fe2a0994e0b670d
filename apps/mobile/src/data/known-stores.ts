import { EnrolledKey } from '@fieldsync/client/device-key'
import { z } from 'zod'

/** As much of a key's fingerprint as a person compares. */
export const shortFingerprint = ({ fingerprint }: Pick<EnrolledKey, 'fingerprint'>): string =>
  fingerprint.slice(0, 8)

/** A store on this device, with the connection by which what is in it reaches its own server. */
export const KnownStore = z.object({
  name: z.string(),
  /** Empty: the platform's default. */
  server: z.string(),
  deviceId: z.string(),
  /** The last one with which this store has synced, or the first that was given; empty for a device with a key. */
  token: z.string(),
  /** The same of a device that has enrolled. An earlier version of the app had tokens alone. */
  key: EnrolledKey.nullable().default(null),
  /** Of the server's session; empty until the store has synced. */
  workspaceUid: z.string(),
  workspaceName: z.string(),
  /** The person wants what is unsent in it sent, also while another connection is in use. */
  drain: z.boolean(),
})
export type KnownStore = z.infer<typeof KnownStore>

export type Connection = Pick<KnownStore, 'server' | 'deviceId' | 'token' | 'key'>

/** What a person types of a connection. */
export type TypedConnection = Omit<Connection, 'key'>

/** What of the settings says which store is in use, and which others there are. */
export type StoreSettings = Connection & {
  /** Name of the store in use; empty in the settings of a version that named it by the device alone. */
  readonly store: string
  readonly stores: readonly KnownStore[]
}

/** The first store of a device id is named by it, as it always was: what an earlier version wrote is found again. */
const firstName = (deviceId: string): string => `fieldsync-${deviceId}`

/** The name of the store in use. */
export const storeName = ({ store, deviceId }: StoreSettings): string =>
  store === '' ? firstName(deviceId) : store

/** The store in use, as far as it is known. */
export const storeInUse = (settings: StoreSettings): KnownStore =>
  settings.stores.find(({ name }) => name === storeName(settings)) ?? newStore(storeName(settings), settings)

/** The other ones. */
export const otherStores = (settings: StoreSettings): KnownStore[] =>
  settings.stores.filter(({ name }) => name !== storeName(settings))

type Credential = Pick<Connection, 'token' | 'key'>

export const hasCredential = ({ token, key }: Credential): boolean => token !== '' || key !== null

/** A key is of one enrollment, which its name is derived from. */
export const isSameCredential = (a: Credential, b: Credential): boolean =>
  a.token === b.token && a.key?.name === b.key?.name

/** Whether two settings mean the same store by the same connection. */
export const isSameConnection = (a: StoreSettings, b: StoreSettings): boolean =>
  storeName(a) === storeName(b) &&
  a.server === b.server &&
  a.deviceId === b.deviceId &&
  isSameCredential(a, b)

const newStore = (name: string, { server, deviceId, token, key }: Connection): KnownStore => ({
  name,
  server,
  deviceId,
  token,
  key,
  workspaceUid: '',
  workspaceName: '',
  drain: false,
})

/** All stores, the one in use among them. */
const allStores = (settings: StoreSettings): KnownStore[] =>
  settings.deviceId === '' ? [...settings.stores] : [storeInUse(settings), ...otherStores(settings)]

/** Names of all stores that the settings know. */
export const storeNames = (settings: StoreSettings): string[] => allStores(settings).map(({ name }) => name)

/**
 * The settings of another connection. Each server and device has a store of its own, so that nothing is sent in another's
 * name, and every store stays known.
 *
 * @param addressOf the address that a server's entry in the settings means
 */
export function withConnection(
  settings: StoreSettings,
  connection: Connection,
  addressOf: (server: string) => string,
): StoreSettings {
  const stores = allStores(settings)
  const isThere = ({ server, deviceId }: KnownStore) =>
    deviceId === connection.deviceId && addressOf(server) === addressOf(connection.server)
  const known =
    stores.find((each) => isThere(each) && each.name === storeName(settings)) ?? stores.findLast(isThere)
  const store = known ?? newStore(freeName(stores, connection, addressOf), connection)
  return { ...connection, store: store.name, stores: known ? stores : [...stores, store] }
}

/** A typed connection: a device without a token goes on with the key that it has at this server, where it has one. */
export function typedConnection(
  settings: StoreSettings,
  typed: TypedConnection,
  addressOf: (server: string) => string,
): Connection {
  if (typed.token !== '') return { ...typed, key: null }
  const isThere = ({ server, deviceId }: TypedConnection) =>
    deviceId === typed.deviceId && addressOf(server) === addressOf(typed.server)
  const known = isThere(settings) ? settings : allStores(settings).findLast(isThere)
  return { ...typed, key: known?.key ?? null }
}

/** A new, empty store for the connection in use; the one that was in use stays as it is. */
export function withNewStore(settings: StoreSettings, addressOf: (server: string) => string): StoreSettings {
  const stores = allStores(settings)
  const store = newStore(freeName(stores, settings, addressOf), settings)
  return { ...settings, store: store.name, stores: [...stores, store] }
}

/** Of a device that is not set up. What the person has chosen for the app itself stays. */
const NOT_SET_UP = {
  server: '',
  deviceId: '',
  token: '',
  key: null,
  store: '',
  role: '',
  grants: null,
  fourEyes: false,
  weather: '',
  timeZone: '',
  lastBlock: '',
  lastPlace: null,
} as const

/** After a wipe: the store is forgotten with its connection; where it is the one in use, the device is not set up any more. */
export const withoutStore = (
  settings: StoreSettings,
  name: string,
): Pick<StoreSettings, 'stores'> & Partial<typeof NOT_SET_UP> => ({
  ...(name === storeName(settings) ? NOT_SET_UP : {}),
  stores: settings.stores.filter((each) => each.name !== name),
})

/** A change of what is known of one store. */
export const withStore = (
  settings: StoreSettings,
  name: string,
  change: Partial<KnownStore>,
): Pick<StoreSettings, 'stores'> => ({
  stores: allStores(settings).map((each) => (each.name === name ? { ...each, ...change } : each)),
})

/**
 * After the store in use has synced: its credential is proven. Other stores of the same device in the same workspace (its
 * server has another address now) are sent the same way.
 */
export function afterSync(
  settings: StoreSettings,
  workspace: Pick<KnownStore, 'workspaceUid' | 'workspaceName'>,
): Pick<StoreSettings, 'stores'> {
  const { server, deviceId, token, key } = settings
  return {
    stores: allStores(settings).map((each) => {
      if (each.name === storeName(settings)) {
        return { ...each, server, token, key, ...workspace, drain: false }
      }
      const isSame = each.deviceId === deviceId && each.workspaceUid === workspace.workspaceUid
      return isSame && each.workspaceUid !== '' ? { ...each, server, token, key, drain: true } : each
    }),
  }
}

function freeName(
  stores: readonly KnownStore[],
  { server, deviceId }: Connection,
  addressOf: (server: string) => string,
): string {
  const taken = new Set(stores.map(({ name }) => name))
  const address = addressOf(server)
    .replace(/^https?:\/\//, '')
    .replace(/[^a-z0-9]+/g, '-')
  const names = [firstName(deviceId), `${firstName(deviceId)}-${address}`]
  for (let i = 2; ; i++) {
    const free = names.find((name) => !taken.has(name))
    if (free !== undefined) return free
    names.splice(0, names.length, `${firstName(deviceId)}-${address}-${i}`)
  }
}

/**
 * Stores that are there and that the settings do not know: an earlier version forgot them when the device got another name.
 * What is in one can be exported, and is sent when its device name is used again.
 */
export function forgottenStores(settings: StoreSettings, names: readonly string[]): KnownStore[] {
  const known = new Set(allStores(settings).map(({ name }) => name))
  return names.flatMap((name) => {
    const deviceId = /^fieldsync-(dev_[a-z0-9_]+)$/.exec(name)?.[1]
    if (deviceId === undefined || known.has(name)) return []
    return [newStore(name, { server: settings.server, deviceId, token: '', key: null })]
  })
}

/** How addresses are compared. */
export const serverAddress = (server: string, defaultServer: string): string =>
  (server === '' ? defaultServer : server).trim().toLowerCase().replace(/\/+$/, '')

/** The file name of an export of today. @param of a device, or what else is in it */
export const exportName = (of: string): string =>
  `fieldsync-${of}-${new Date().toISOString().slice(0, 10)}.json`
