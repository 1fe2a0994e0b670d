import { createFieldsyncClient, deviceToken, type FieldsyncClient } from '@fieldsync/client'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { startServer, type TestServer } from '@fieldsync/testkit'

import { builtApp } from './built-app.ts'
import { type ServedApp, serveApp } from './serve-app.ts'

export const PHONE = { deviceId: 'dev_scout_1', token: 'pre-shared-token-of-the-phone' } as const
const OTHER = { deviceId: 'dev_agronomist', token: 'pre-shared-token-of-the-other' } as const

/** A real server with its own database, the built app before it, and two devices that it knows. */
export type FieldWorld = AsyncDisposable & {
  readonly site: ServedApp
  readonly server: TestServer
  /** Another device of the company, without a screen. */
  readonly otherDevice: () => Promise<FieldsyncClient>
}

export async function startFieldWorld(): Promise<FieldWorld> {
  const folder = await builtApp()
  const server = await startServer({
    env: {
      PEPPER: 'the pepper of the field app’s tests, long enough',
      // Both may correct and change the playbook.
      DEVICE_TOKENS: [PHONE, OTHER]
        .map(({ deviceId, token }) => `ws_ridge/${deviceId}#agronomist=${token}`)
        .join(','),
    },
  })
  const site = await serveApp(folder, () => server.url)
  return {
    site,
    server,
    otherDevice: async () =>
      createFieldsyncClient({
        url: server.url,
        credentials: deviceToken(OTHER.token),
        store: await openMemoryStore(new MemoryDisk()),
        device: {
          deviceId: OTHER.deviceId,
          platform: 'web',
          appVersion: '1.0.0',
          modelPackageVersion: 'none',
        },
      }),
    [Symbol.asyncDispose]: async () => {
      await site[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}
