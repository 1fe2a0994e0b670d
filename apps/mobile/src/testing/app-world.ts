import { createFieldsyncClient, deviceToken, type FieldsyncClient } from '@fieldsync/client'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { startServer, type TestServer } from '@fieldsync/testkit'

export const PHONE = { deviceId: 'dev_scout_1', token: 'pre-shared-token-of-the-phone' } as const
export const SCOUT = { deviceId: 'dev_scout_2', token: 'pre-shared-token-of-the-scout' } as const
/** A phone of another company at the same server, which has the same name. */
export const NEIGHBOR = { deviceId: PHONE.deviceId, token: 'pre-shared-token-of-the-neighbor' } as const
export const OTHER = { deviceId: 'dev_agronomist', token: 'pre-shared-token-of-the-other' } as const
export const ADMIN = { deviceId: 'dev_admin', token: 'pre-shared-token-of-the-admin' } as const
export const VIEWER = { deviceId: 'dev_viewer', token: 'pre-shared-token-of-the-viewer' } as const

/** A real server with its own database, which serves the app, and devices that it knows. */
export type AppWorld = AsyncDisposable & {
  readonly server: TestServer
  /** Another device of the company, without a screen. */
  readonly otherDevice: () => Promise<FieldsyncClient>
}

/**
 * The app is built by `npm test` and `npm start`.
 * @param database the environment of a database to use in place of an embedded one
 */
export async function startAppWorld(database: Readonly<Record<string, string>> = {}): Promise<AppWorld> {
  const server = await startServer({
    env: {
      ...database,
      PEPPER: 'the pepper of the field app’s tests, long enough',
      DEVICE_TOKENS: [
        // Both may correct and change the playbook.
        ...[PHONE, OTHER].map(({ deviceId, token }) => `ws_ridge/${deviceId}#agronomist=${token}`),
        `ws_ridge/${SCOUT.deviceId}#scout=${SCOUT.token}`,
        `ws_valley/${NEIGHBOR.deviceId}#agronomist=${NEIGHBOR.token}`,
        `ws_ridge/${VIEWER.deviceId}#viewer=${VIEWER.token}`,
        `ws_ridge/${ADMIN.deviceId}#admin=${ADMIN.token}`,
      ].join(','),
    },
  })
  return {
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
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
