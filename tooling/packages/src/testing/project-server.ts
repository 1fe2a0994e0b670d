import { startServer, testDatabase, type TestServer } from '@fieldsync/testkit'
import { afterAll } from 'vitest'

/** The scout of the projects, and an administrator who looks at what arrived. */
export const SCOUT = { deviceId: 'dev_scout_1', token: 'pre-shared-token-of-the-scout' } as const
const ADMIN = { deviceId: 'dev_admin_1', token: 'pre-shared-token-of-the-admin' } as const

export type ProjectServer = Pick<TestServer, 'url'> & {
  /** Every observation of the workspace: which device wrote what. */
  readonly notes: () => Promise<{ deviceId: string; rawNoteText: string }[]>
  /** Opens an enrollment and returns the link for a new device. */
  readonly enroll: (deviceId: string) => Promise<string>
}

/** The real server on a database of its own, until the last test of the file has ended. */
export async function projectServer(env: Readonly<Record<string, string>> = {}): Promise<ProjectServer> {
  const database = await testDatabase()
  const devices = { scout: SCOUT, admin: ADMIN }
  const server = await startServer({
    env: {
      ...database.serverEnv,
      PEPPER: 'the pepper of the packages’ tests, long enough',
      DEVICE_TOKENS: Object.entries(devices)
        .map(([role, { deviceId, token }]) => `ws_ridge/${deviceId}#${role}=${token}`)
        .join(','),
      ...env,
    },
  })
  afterAll(() => server[Symbol.asyncDispose]())
  const call = async (path: string, body?: unknown): Promise<Response> => {
    const answer = await fetch(`${server.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'x-device-token': ADMIN.token,
        'idempotency-key': crypto.randomUUID(),
        'content-type': 'application/json',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return answer
  }
  return {
    url: server.url,
    notes: async () =>
      (await (await call('/v1/observations')).json()) as Awaited<ReturnType<ProjectServer['notes']>>,
    enroll: async (deviceId) => {
      const answer = await call('/v1/devices/enrollments', { deviceId, role: 'scout' })
      return ((await answer.json()) as { link: string }).link
    },
  }
}
