import { randomBytes, randomUUID } from 'node:crypto'

import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { connectionUrl, type Database, openDatabase } from '@fieldsync/db'
import { createDevice, createWorkspace, revokeDevice, Runtime, systemContext } from '@fieldsync/services'
import { readStoredState, SCRIPT_LIMITS, type ScriptClock, type ScriptedServer } from '@fieldsync/simulator'
import { expectNothingLeft, testDatabase } from '@fieldsync/testkit'
import { afterAll } from 'vitest'

import { type ApiServer, startApi } from './api-server.ts'

type Running = { readonly api: ApiServer; readonly runtime: Runtime; readonly owner: Database }

/**
 * The API over the real services, for scripts: its database belongs to the calling test file and is copied for backups.
 * Call it at the top level of a test file.
 */
export async function scriptedApi(scriptClock: ScriptClock): Promise<ScriptedServer> {
  const urls = await testDatabase()
  const pepper = randomBytes(32)
  const clock = { now: () => new Date(scriptClock.now()) }
  const request = {
    requestId: randomUUID(),
    traceId: '0'.repeat(32),
    via: 'system',
    idempotencyKey: '',
  } as const
  let database = urls.name
  let stored: string | undefined
  let running = await start()

  async function start(): Promise<Running> {
    const db = openDatabase({ url: connectionUrl(urls.appUrl, { database }), max: 6 })
    const owner = openDatabase({ url: connectionUrl(urls.ownerUrl, { database }), max: 1 })
    const runtime = new Runtime({ db, pepper })
    const api = await startApi({ runtime, clock, limits: SCRIPT_LIMITS })
    return { api, runtime, owner }
  }
  async function stop(): Promise<void> {
    const { api, runtime, owner } = running
    await api[Symbol.asyncDispose]()
    await runtime.close()
    const superuserUrl = connectionUrl(urls.superuserUrl, { database })
    await expectNothingLeft(superuserUrl, () => runtime.leftOver())
    await Promise.all([runtime.db.close(), owner.close()])
  }
  /** Runs statements while nothing is connected to the script's databases. */
  async function whileStopped(...statements: string[]): Promise<void> {
    await stop()
    await onCluster(...statements)
    running = await start()
  }
  async function onCluster(...statements: string[]): Promise<void> {
    const cluster = openDatabase({ url: connectionUrl(urls.superuserUrl, { database: 'postgres' }), max: 1 })
    for (const statement of statements) await cluster.pool.query(statement)
    await cluster.close()
  }
  const copy = (from: string, to: string) => `CREATE DATABASE ${to} TEMPLATE ${from} STRATEGY FILE_COPY`
  const dropped = (name: string) => `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`
  const adminContext = () => ({ runtime: running.runtime, clock, request })
  const system = (workspaceId: string) => systemContext(adminContext(), WorkspaceId.parse(workspaceId))

  afterAll(async () => {
    await stop()
    await onCluster(dropped(`${urls.name}_kept`), dropped(`${urls.name}_restored`))
  })

  return {
    syncBatch: async ({ token, key, body }) => {
      const response = await fetch(`${running.api.url}/v1/sync/batch`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { 'x-device-token': token }),
          ...(key !== undefined && { 'idempotency-key': key }),
        },
        body,
      })
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      }
    },
    createWorkspace: async (workspaceId) => {
      await createWorkspace({ ctx: adminContext(), input: { workspaceId: WorkspaceId.parse(workspaceId) } })
    },
    createDevice: async ({ workspaceId, deviceId, role, token }) => {
      const input = { deviceId: DeviceId.parse(deviceId), role, token }
      await createDevice({ ctx: await system(workspaceId), input })
    },
    setRole: async (workspaceId, deviceId, role) => {
      await running.owner.pool.query(
        'UPDATE devices SET role = $1, epoch = epoch + 1 WHERE workspace_id = $2 AND device_id = $3',
        [role, workspaceId, deviceId],
      )
    },
    revokeDevice: async (workspaceId, deviceId) => {
      await revokeDevice({ ctx: await system(workspaceId), input: { deviceId: DeviceId.parse(deviceId) } })
    },
    restart: () => whileStopped(),
    backup: async () => {
      stored = `${urls.name}_kept`
      await whileStopped(dropped(stored), copy(database, stored))
    },
    restore: async () => {
      if (stored === undefined) return
      await stop()
      const restored = `${urls.name}_restored`
      await onCluster(dropped(restored), copy(stored, restored))
      database = restored
      running = await start()
    },
    state: async (workspaceId) => {
      await running.runtime.deviceStates.flush()
      return await readStoredState(running.owner.pool, workspaceId)
    },
  }
}
