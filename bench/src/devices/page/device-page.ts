import {
  createFieldsyncClient,
  deviceToken,
  type FieldsyncClient,
  type SyncingClientOptions,
} from '@fieldsync/client'
import type { LocalStore, WriteTransaction } from '@fieldsync/sync-engine'
import { openIndexedDbStore } from '@fieldsync/sync-engine/stores/indexeddb'

import type { DevicePage } from '../chromium.ts'

type Opened = SyncingClientOptions & { readonly client: FieldsyncClient }

let device: Opened | undefined

function opened(): Opened {
  if (device === undefined) throw new Error('this page has opened no device')
  return device
}

/** A store whose transactions are all part of one: a browser takes many milliseconds for each that it makes durable. */
const within = (transaction: WriteTransaction): LocalStore => ({
  read: (work) => work(transaction),
  write: (work) => work(transaction),
  erase: () => Promise.reject(new Error('not within a transaction')),
  exclusively: () => Promise.resolve({ ran: false }),
  onChange: () => () => undefined,
  close: () => Promise.resolve(),
})

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
  save: async (records) => {
    const { store, ...options } = opened()
    await store.write(async (transaction) => {
      const writer = createFieldsyncClient({ ...options, store: within(transaction) })
      for (const record of records) {
        const saved = await writer.saveObservation(record)
        if (!saved.ok) throw new Error(JSON.stringify(saved.issues))
      }
    })
  },
  sync: async () => {
    const { pending, conflicts, state, problem } = await opened().client.sync()
    return { pending, conflicts, state, problem }
  },
}
Object.assign(globalThis, { devicePage: page })
