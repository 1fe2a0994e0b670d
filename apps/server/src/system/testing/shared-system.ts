import { randomUUID } from 'node:crypto'

import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { type Database, openDatabase } from '@fieldsync/db'
import type { Role } from '@fieldsync/domain'
import {
  type AdminContext,
  type AuditVerdict,
  createDevice,
  createWorkspace,
  mintToken,
  openEnrollment,
  revokeDevice,
  Runtime,
  systemClock,
  systemContext,
  verifyAudit,
} from '@fieldsync/services'
import {
  type Caller,
  startServer,
  testDatabase,
  type TestDatabase,
  type TestServer,
} from '@fieldsync/testkit'
import { afterAll } from 'vitest'

import { adminRequest } from '../../verb-request.ts'

/** What every server of the system has unless its environment says otherwise. */
export const PEPPER = 'the pepper of the system tests, long enough'

/** Server processes on one database, and an operator's actions beside them. */
export type SharedSystem = {
  readonly servers: readonly [TestServer, ...TestServer[]]
  readonly database: TestDatabase
  /** As the cluster's superuser: for reading tables and holding locks. */
  readonly superuser: Database
  /** Starts one more server on this database, or with `env` elsewhere; its caller disposes it. */
  start(env?: Readonly<Record<string, string>>): Promise<TestServer>
  workspace(workspaceId?: string): Promise<WorkspaceId>
  /** Creates a device; it calls the server at `index`. */
  device(workspaceId: WorkspaceId, deviceId: string, role: Role, index?: number): Promise<Caller>
  /** A code by which a device may enroll. */
  enrollmentCode(workspaceId: WorkspaceId, deviceId: string): Promise<string>
  revoke(workspaceId: WorkspaceId, deviceId: string): Promise<void>
  verifyAudit(workspaceId: WorkspaceId): Promise<AuditVerdict>
}

/** Starts `count` servers on a database of the calling test file's own; they end after its last test. */
export async function sharedSystem(
  count: number,
  env: Readonly<Record<string, string>> = {},
): Promise<SharedSystem> {
  const database = await testDatabase()
  const start = (more: Readonly<Record<string, string>> = {}) =>
    startServer({
      env: {
        ...database.serverEnv,
        PEPPER,
        RATE_LIMIT_PER_MINUTE: 'off',
        ...env,
        ...more,
      },
    })
  const stack = new AsyncDisposableStack()
  afterAll(() => stack.disposeAsync())
  const [first, ...others] = await Promise.all(Array.from({ length: count }, () => start()))
  if (first === undefined) throw new Error('a system has at least one server')
  const servers = [first, ...others] as const
  for (const server of servers) stack.use(server)
  const db = openDatabase({ url: database.appUrl, max: 2 })
  const superuser = openDatabase({ url: database.superuserUrl, max: 4 })
  stack.defer(() => db.close())
  stack.defer(() => superuser.close())
  const ctx: AdminContext = {
    runtime: new Runtime({ db, pepper: Buffer.from(PEPPER) }),
    clock: systemClock,
    request: adminRequest('system'),
  }
  return {
    servers,
    database,
    superuser,
    start,
    workspace: async (name = `ws_${randomUUID()}`) => {
      const workspaceId = WorkspaceId.parse(name)
      await createWorkspace({ ctx, input: { workspaceId } })
      return workspaceId
    },
    device: async (workspaceId, deviceId, role, index = 0) => {
      const token = mintToken()
      const input = { deviceId: DeviceId.parse(deviceId), role, token }
      await createDevice({ ctx: await systemContext(ctx, workspaceId), input })
      return { url: (servers[index] ?? first).url, deviceId, token }
    },
    enrollmentCode: async (workspaceId, deviceId) => {
      const input = { deviceId: DeviceId.parse(deviceId), linkTo: (code: string) => code }
      const { document } = await openEnrollment({ ctx: await systemContext(ctx, workspaceId), input })
      return document.toJSON().code ?? ''
    },
    revoke: async (workspaceId, deviceId) => {
      const input = { deviceId: DeviceId.parse(deviceId) }
      await revokeDevice({ ctx: await systemContext(ctx, workspaceId), input })
    },
    verifyAudit: async (workspaceId) =>
      verifyAudit({ ctx: await systemContext(ctx, workspaceId), input: {} }),
  }
}
