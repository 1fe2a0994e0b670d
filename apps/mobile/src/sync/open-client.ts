import { createFieldsyncClient, deviceToken, type FieldsyncClient } from '@fieldsync/client'
import type { LocalStore } from '@fieldsync/sync-engine'

import { APP_VERSION } from '../about.ts'
import type { Platform } from '../platform/platform.ts'
import type { AppSettings } from '../settings/app-settings.ts'

/** What of the settings makes another client necessary. */
export type Connection = Pick<AppSettings, 'server' | 'deviceId' | 'token'>

type Role = AppSettings['role']

export type OpenClient = { readonly client: FieldsyncClient; readonly close: () => Promise<void> }

/**
 * The client of a connection, which syncs by itself from now on. Each device has a store of its own, so that a phone that
 * is given another name never sends the old one's notes under it.
 *
 * @param role for what is likely to be refused, which is told before it is sent
 * @throws StoreError where the platform does not let the store be opened
 */
export async function openClient(
  platform: Platform,
  connection: Connection,
  role: Role,
): Promise<OpenClient> {
  const { deviceId, token } = connection
  const store: LocalStore = await platform.openStore(`fieldsync-${deviceId}`)
  const client = createFieldsyncClient({
    ...platform.network,
    url: connection.server === '' ? platform.defaultServer : connection.server,
    credentials: deviceToken(token),
    store,
    ...(role === '' ? {} : { role }),
    device: { deviceId, platform: platform.kind, appVersion: APP_VERSION, modelPackageVersion: 'none' },
  })
  await client.sync.load()
  client.sync.start()
  return {
    client,
    close: async () => {
      await client.sync.stop()
      await store.close()
    },
  }
}
