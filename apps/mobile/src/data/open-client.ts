import type { Platform } from '../platform/platform.ts'
import type { AppSettings } from './app-settings.ts'
import { storeName, type StoreSettings } from './known-stores.ts'
import { openStoreClient, type StoreClient } from './open-store-client.ts'

type Role = AppSettings['role']

/**
 * The client of the connection in the settings, which syncs by itself from now on.
 *
 * @param role as it is known by then, for what is likely to be refused; empty while it is not known
 * @param onListenerError something that followed a change threw, or an adapter; the engine goes on
 * @throws StoreError where the platform does not let the store be opened
 */
export async function openClient(
  platform: Platform,
  settings: StoreSettings,
  role: () => Role,
  onListenerError: (error: unknown) => void,
): Promise<StoreClient> {
  const opened = await openStoreClient(platform, storeName(settings), settings, {
    onListenerError,
    role: () => {
      const known = role()
      return known === '' ? undefined : known
    },
  })
  await opened.client.sync.load()
  opened.client.sync.start()
  return opened
}
