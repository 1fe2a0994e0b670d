import {
  createFieldsyncClient,
  deviceToken,
  type FieldsyncClient,
  type SyncingClientOptions,
} from '@fieldsync/client'
import type { LocalStore } from '@fieldsync/sync-engine'
import { openIndexedDbStore } from '@fieldsync/sync-engine/stores/indexeddb'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'

import type { DevicePage } from '../chromium.ts'

type Opened = SyncingClientOptions & { readonly client: FieldsyncClient }

let device: Opened | undefined

function opened(): Opened {
  if (device === undefined) throw new Error('this page has opened no device')
  return device
}

const TABLES = ['records', 'outbox', 'conflicts', 'values'] as const
const CHUNK = 1000

/** Makes one store what another one is. */
async function copyStore(from: LocalStore, to: LocalStore): Promise<void> {
  for (const table of TABLES) {
    const rows = await from.read((transaction) => transaction.list(table))
    for (let at = 0; at < rows.length; at += CHUNK)
      await to.write((transaction) => transaction.putMany(table, rows.slice(at, at + CHUNK)))
  }
}

/** What the benchmark asks of a page: a device on the browser's own store. */
const page: DevicePage = {
  open: async ({ url, token, deviceId, store }) => {
    const options = {
      url,
      credentials: deviceToken(token),
      store: await openIndexedDbStore({ name: store }),
      device: { deviceId, platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' },
    } as const
    device = { ...options, client: createFieldsyncClient(options) }
  },
  // In memory: a browser takes milliseconds for each transaction that it makes durable.
  save: async (records) => {
    const { store, ...options } = opened()
    const memory = await openMemoryStore(new MemoryDisk())
    await copyStore(store, memory)
    const writer = createFieldsyncClient({ ...options, store: memory })
    for (const record of records) {
      const saved = await writer.saveObservation(record)
      if (!saved.ok) throw new Error(JSON.stringify(saved.issues))
    }
    await writer.stop()
    await copyStore(memory, store)
    await memory.close()
  },
  sync: async () => {
    const { pending, conflicts, state, problem } = await opened().client.sync()
    return { pending, conflicts, state, problem }
  },
}
Object.assign(globalThis, { devicePage: page })
