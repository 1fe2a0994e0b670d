import { startServer, testDatabase, type TestServer } from '@fieldsync/testkit'
import pg from 'pg'
import { afterAll } from 'vitest'

export const DEVICES = { scout: 'dev_scout_1', agronomist: 'dev_agronomist', viewer: 'dev_viewer' } as const
export const tokenOf = (deviceId: string): string => `pre-shared-token-of-${deviceId}`

/** The real server in a process of its own, with a workspace and a device of each role. */
type RealServer = {
  readonly url: string
  /** Another server on the same database; its caller disposes it. */
  another(env?: Readonly<Record<string, string>>): Promise<TestServer>
  /** As the operator's `device revoke` does. */
  revoke(deviceId: string): Promise<void>
  /** Ends the connections on which servers listen to each other. */
  killListeners(): Promise<void>
}

/** Starts it on a database of the calling test file's own; it ends after the file's last test. */
export async function realServer(env: Readonly<Record<string, string>> = {}): Promise<RealServer> {
  const database = await testDatabase()
  const roles = Object.entries(DEVICES).map(([role, id]) => `ws_ridge/${id}#${role}=${tokenOf(id)}`)
  const start = (more: Readonly<Record<string, string>> = {}) =>
    startServer({
      env: {
        ...database.serverEnv,
        PEPPER: 'the pepper of the client’s tests, long enough',
        DEVICE_TOKENS: roles.join(','),
        ...env,
        ...more,
      },
    })
  const server = await start()
  const superuser = new pg.Pool({ connectionString: database.superuserUrl, max: 1 })
  superuser.on('error', () => undefined)
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await superuser.end()
  })
  return {
    url: server.url,
    another: start,
    revoke: async (deviceId) => {
      await superuser.query(
        `UPDATE devices SET revoked_at = now(), epoch = epoch + 1 WHERE workspace_id = 'ws_ridge' AND device_id = $1`,
        [deviceId],
      )
    },
    killListeners: async () => {
      await superuser.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = $1 AND application_name = 'fieldsync-live'`,
        [database.name],
      )
    },
  }
}
