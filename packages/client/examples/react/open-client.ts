import { createFieldsyncClient, deviceToken, type FieldsyncClient } from '@fieldsync/client'
import { browserTabs } from '@fieldsync/sync-engine/stores/browser-tabs'
import { openIndexedDbStore } from '@fieldsync/sync-engine/stores/indexeddb'

/** One client for the whole app, created once. Every tab has its own on the same store; one of them syncs at a time. */
export async function openClient(deviceId: string, token: string): Promise<FieldsyncClient> {
  const client = createFieldsyncClient({
    url: 'https://sync.example.com',
    credentials: deviceToken(token),
    store: await openIndexedDbStore({ name: 'fieldsync' }),
    tabs: browserTabs(),
    device: { deviceId, platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' },
  })
  client.start()
  return client
}
