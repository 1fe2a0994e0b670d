import { createFieldsyncClient, deviceToken, type FieldsyncClient } from '@fieldsync/client'
import { openIndexedDbStore } from '@fieldsync/sync-engine/stores/indexeddb'

import type { DevicePage } from '../chromium.ts'

let client: FieldsyncClient | undefined

function opened(): FieldsyncClient {
  if (client === undefined) throw new Error('this page has opened no device')
  return client
}

/** What the benchmark asks of a page: a device on the browser's own store. */
const page: DevicePage = {
  open: async ({ url, token, deviceId, store }) => {
    client = createFieldsyncClient({
      url,
      credentials: deviceToken(token),
      store: await openIndexedDbStore({ name: store }),
      device: { deviceId, platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' },
    })
  },
  save: async (records) => {
    for (const record of records) {
      const saved = await opened().saveObservation(record)
      if (!saved.ok) throw new Error(JSON.stringify(saved.issues))
    }
  },
  sync: async () => {
    const { pending, conflicts, state, problem } = await opened().sync()
    return { pending, conflicts, state, problem }
  },
}
Object.assign(globalThis, { devicePage: page })
