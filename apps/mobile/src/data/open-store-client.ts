import { createFieldsyncClient, type FieldsyncClient, type SyncingClientOptions } from '@fieldsync/client'
import type { LocalStore } from '@fieldsync/sync-engine'

import { APP_VERSION } from '../about.ts'
import type { Platform } from '../platform/platform.ts'
import { credentialOf } from './credential.ts'
import type { Connection } from './known-stores.ts'
import { forgetInputs } from './unsaved-input.ts'

export type StoreClient = { readonly client: FieldsyncClient; readonly close: () => Promise<void> }

/**
 * A client on one of the device's stores, which does nothing by itself.
 *
 * @param name of the store
 * @param options.onAccepted called with the fingerprint of the key that the server accepts
 * @throws StoreError where the platform does not let the store be opened
 */
export async function openStoreClient(
  platform: Platform,
  name: string,
  connection: Connection,
  {
    onAccepted,
    ...options
  }: Pick<SyncingClientOptions, 'role' | 'grants' | 'fourEyes' | 'onListenerError'> & {
    readonly onAccepted?: (fingerprint: string) => void
  } = {},
): Promise<StoreClient> {
  const { server, deviceId } = connection
  const store: LocalStore = await platform.openStore(name)
  const client = createFieldsyncClient({
    ...platform.network,
    ...options,
    url: server === '' ? platform.defaultServer : server,
    credentials: credentialOf(platform, connection, onAccepted),
    store,
    onWipe: () => forgetInputs(platform, name),
    device: { deviceId, platform: platform.kind, appVersion: APP_VERSION, modelPackageVersion: 'none' },
  })
  // Every tab drops what it has typed, before its forms go with the screens.
  client.subscribe((event) => {
    if (event.kind === 'wipe')
      forgetInputs(platform, name).catch(options.onListenerError ?? (() => undefined))
  })
  return {
    client,
    close: async () => {
      await client.stop()
      await store.close()
    },
  }
}
