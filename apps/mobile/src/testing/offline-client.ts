import { createFieldsyncClient, deviceToken, type FieldsyncClient } from '@fieldsync/client'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'

/** A client on a store of its own, which reaches no server. @param isOnline what its platform says of the network */
export const offlineClient = async (deviceId = 'dev_scout_1', isOnline = true): Promise<FieldsyncClient> =>
  createFieldsyncClient({
    url: 'http://127.0.0.1:9',
    fetch: () => Promise.reject(new Error('there is no network')),
    connectivity: { isOnline: () => isOnline, onChange: () => () => undefined },
    credentials: deviceToken('no-token-is-ever-sent'),
    store: await openMemoryStore(new MemoryDisk()),
    device: { deviceId, platform: 'web', appVersion: '1.0.0', modelPackageVersion: 'none' },
  })
