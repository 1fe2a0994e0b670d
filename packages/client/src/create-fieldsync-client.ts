import { Device } from '@fieldsync/contracts'
import {
  type Clock,
  createSyncEngine,
  type EngineStatus,
  type Ids,
  type LocalStore,
  type SyncEngine,
  type SyncEngineOptions,
} from '@fieldsync/sync-engine'
import type { z } from 'zod'

import type { FieldsyncApi } from './api/typed-api.ts'
import type { CredentialProvider } from './credentials/credential-provider.ts'
import type { LiveWeatherCall } from './live/live-weather.ts'
import { onForeground } from './platform/platform-foreground.ts'
import { sha256 } from './platform/sha256.ts'
import { ulidIds } from './platform/ulid-ids.ts'
import { type ConnectionOptions, connectServer } from './server-connection.ts'

export type OnlineClientOptions = ConnectionOptions & { readonly store?: undefined }

export type SyncingClientOptions = ConnectionOptions &
  Pick<SyncEngineOptions, 'role' | 'grants' | 'fourEyes' | 'settings' | 'onListenerError' | 'onWipe'> & {
    /** Where the device stores its records; its opener closes it. */
    readonly store: LocalStore
    readonly device: DeviceInfo | (() => DeviceInfo)
    /**
     * Calls back when the app comes to the foreground (ENG-19), where the platform is not a page; returns an
     * unsubscribe function.
     */
    readonly onForeground?: ((callback: () => void) => () => void) | undefined
  }

/** A client without a store: calls that need the network. */
export type OnlineClient = {
  readonly api: FieldsyncApi
  readonly liveWeather: LiveWeatherCall
  /** Notifies the client that a person has given the credential provider a new credential. */
  credentialsChanged(): void
  /**
   * Puts a new key in the place of the device's present one (ENG-76).
   * @throws Error for a credential without a key; what its provider throws
   */
  rotateKey(): Promise<void>
}

/** The sync engine of a device with its connection to the server: a client that stores what the device writes. */
export type FieldsyncClient = OnlineClient &
  Omit<SyncEngine, 'foreign'> & {
    /** Ids that no other device generates. */
    readonly ids: Ids
    /** What a person may do about a store of another owner, where `status().foreign` says so. */
    readonly foreign: ForeignStoreControl
  }

type ForeignStoreControl = SyncEngine['foreign'] & {
  /**
   * Sends what is unsent in it with the credential of its owner, to its owner's workspace; resolves with the outcome of
   * that sync. If the store is this device's own, it only returns its status.
   */
  send(connection: OwnConnection): Promise<EngineStatus>
}

/** Connection of a store's owner to its own workspace. */
export type OwnConnection = {
  readonly credentials: CredentialProvider
  /** Default: the address of this client. */
  readonly url?: string | undefined
}

/**
 * The client of a Fieldsync server, for browsers, phones and Node alike.
 *
 * @throws Error for an invalid address or device, or a platform without randomness
 */
export function createFieldsyncClient(options: SyncingClientOptions): FieldsyncClient
export function createFieldsyncClient(options: OnlineClientOptions): OnlineClient
export function createFieldsyncClient(
  options: SyncingClientOptions | OnlineClientOptions,
): FieldsyncClient | OnlineClient {
  const server = connectServer(options)
  const { api, liveWeather } = server
  const rotateKey = async (): Promise<void> => {
    if (options.credentials.rotate === undefined) throw new Error('This device has no key.')
    await options.credentials.rotate()
  }
  if (options.store === undefined) {
    return { api, liveWeather, rotateKey, credentialsChanged: () => server.credentialsChanged() }
  }
  const ids = ulidIds(server.clock, server.random)
  const engine = createSyncEngine({
    ...engineOptions(options),
    transport: server.transport,
    poke: server.poke,
    clock: server.clock,
    random: server.random,
    connectivity: server.connectivity,
    credentials: server.credentials,
    ids,
    sha256,
    device: deviceOf(options.device, server.clock),
  })
  const listen = options.onForeground ?? onForeground
  let endForeground: (() => void) | undefined
  return {
    ...engine,
    api,
    liveWeather,
    ids,
    rotateKey,
    start: () => {
      engine.start()
      endForeground ??= listen(engine.foreground)
    },
    stop: async () => {
      endForeground?.()
      endForeground = undefined
      await engine.stop()
    },
    foreign: { ...engine.foreign, send: (connection) => sendForeign(options, engine, connection) },
    credentialsChanged: () => {
      server.credentialsChanged()
      engine.credentialsChanged()
    },
  }
}

/** The given client options that belong to the engine. */
function engineOptions(options: SyncingClientOptions) {
  const { store, role, grants, fourEyes, settings, onListenerError, onWipe } = options
  return {
    store,
    ...(role === undefined ? {} : { role }),
    ...(grants === undefined ? {} : { grants }),
    ...(fourEyes === undefined ? {} : { fourEyes }),
    ...(settings === undefined ? {} : { settings }),
    ...(onListenerError === undefined ? {} : { onListenerError }),
    ...(onWipe === undefined ? {} : { onWipe }),
  }
}

/** An engine of the store's owner on the same store, for one sync. */
async function sendForeign(
  options: SyncingClientOptions,
  engine: SyncEngine,
  { credentials, url = options.url }: OwnConnection,
): Promise<EngineStatus> {
  const { foreign } = await engine.load()
  if (foreign === null) return engine.status()
  const server = connectServer({ ...options, url, credentials })
  const info = typeof options.device === 'function' ? options.device() : options.device
  const owner = createSyncEngine({
    ...engineOptions(options),
    transport: server.transport,
    clock: server.clock,
    random: server.random,
    connectivity: server.connectivity,
    credentials: server.credentials,
    ids: ulidIds(server.clock, server.random),
    sha256,
    device: deviceOf({ ...info, deviceId: foreign.owner.deviceId }, server.clock),
  })
  const status = await owner.sync()
  await owner.stop()
  await engine.load()
  return status
}

/** The device as the app describes it; omitted values are filled in. */
export type DeviceInfo = Omit<z.input<typeof Device>, 'lastSyncAt' | 'updatedAt' | 'offlineModeEnabled'> & {
  /** Default true. */
  readonly offlineModeEnabled?: boolean
  /** When this last changed; default: when the client was created. */
  readonly updatedAt?: string
}

/**
 * The device as sent with each batch.
 * @throws Error that names what is wrong with it
 */
function deviceOf(info: DeviceInfo | (() => DeviceInfo), clock: Clock): () => Device {
  const madeAt = new Date(clock.now()).toISOString()
  const read = (): Device => {
    const given = typeof info === 'function' ? info() : info
    const parsed = Device.safeParse({ offlineModeEnabled: true, updatedAt: madeAt, ...given })
    if (parsed.success) return parsed.data
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
    throw new Error(`The device description is invalid: ${problems.join('; ')}`)
  }
  read()
  return read
}
