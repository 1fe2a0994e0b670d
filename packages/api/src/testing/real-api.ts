import { randomBytes, randomUUID } from 'node:crypto'

import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { openDatabase } from '@fieldsync/db'
import type { Role } from '@fieldsync/domain'
import {
  type AdminContext,
  createDevice,
  createWorkspace,
  type Live,
  mintToken,
  revokeDevice,
  Runtime,
  startLive,
  systemContext,
} from '@fieldsync/services'
import { expectNothingLeft, testDatabase } from '@fieldsync/testkit'
import { afterAll } from 'vitest'

import type { ApiOptions } from '../core/api-options.ts'
import { type ApiServer, startApi } from './api-server.ts'

/** The instant at which everything in these tests happens. */
export const NOW = new Date('2026-02-12T08:00:00.000Z')

/** The API over the real services on a database of the calling test file's own. */
export type RealApi = ApiServer & {
  readonly live: Live
  workspace(): Promise<string>
  /** Creates a device and returns its token. */
  device(workspaceId: string, deviceId: string, role: Role): Promise<string>
  revoke(workspaceId: string, deviceId: string): Promise<void>
}

export async function realApi(options: Partial<ApiOptions> = {}): Promise<RealApi> {
  const { appUrl, superuserUrl } = await testDatabase()
  const db = openDatabase({ url: appUrl, max: 6 })
  const runtime = new Runtime({ db, pepper: randomBytes(32) })
  const clock = { now: () => NOW }
  const server = await startApi({ runtime, clock, ...options })
  const hearing = Promise.withResolvers<void>()
  const live = startLive(runtime, {
    url: appUrl,
    limits: { perDevice: 2, perProcess: 3 },
    onHearing: hearing.resolve,
    onDeaf: () => undefined,
    reviewEveryMs: 50,
  })
  // All streams are poked at this moment, which no test expects.
  await hearing.promise
  afterAll(async () => {
    await runtime.close()
    await server[Symbol.asyncDispose]()
    await expectNothingLeft(superuserUrl, () => runtime.leftOver()).finally(() => db.close())
  })
  const ctx: AdminContext = {
    runtime,
    clock,
    request: { requestId: randomUUID(), traceId: '0'.repeat(32), via: 'system', idempotencyKey: '' },
  }
  const system = (workspaceId: string) => systemContext(ctx, WorkspaceId.parse(workspaceId))
  return {
    ...server,
    live,
    workspace: async () => {
      const workspaceId = WorkspaceId.parse(`ws_${randomUUID()}`)
      await createWorkspace({ ctx, input: { workspaceId } })
      return workspaceId
    },
    device: async (workspaceId, deviceId, role) => {
      const token = mintToken()
      const input = { deviceId: DeviceId.parse(deviceId), role, token }
      await createDevice({ ctx: await system(workspaceId), input })
      return token
    },
    revoke: async (workspaceId, deviceId) => {
      await revokeDevice({ ctx: await system(workspaceId), input: { deviceId: DeviceId.parse(deviceId) } })
    },
  }
}
