import { randomBytes, randomUUID } from 'node:crypto'

import {
  type CreatedService,
  type CreateServiceInput,
  DeviceId,
  type DeviceRole,
  OAUTH_PATHS,
  ServiceId,
  WorkspaceId,
} from '@fieldsync/contracts'
import { connectOnce, openDatabase } from '@fieldsync/db'
import type { Role } from '@fieldsync/domain'
import {
  type AdminContext,
  createDevice,
  type IdentityPort,
  createService,
  createWorkspace,
  invitePerson,
  type Live,
  mintToken,
  openEnrollment,
  revokeDevice,
  Runtime,
  type ServiceContext,
  startLive,
  systemContext,
} from '@fieldsync/services'
import { DeviceKey, expectNothingLeft, testDatabase } from '@fieldsync/testkit'
import { afterAll } from 'vitest'

import type { ApiOptions } from '../core/api-options.ts'
import { type ApiServer, startApi } from './api-server.ts'

/** The instant at which everything in these tests happens. */
export const NOW = new Date('2026-02-12T08:00:00.000Z')

/** The API over the real services on a database of the calling test file's own. */
export type RealApi = ApiServer & {
  readonly runtime: Runtime
  /** The operator's context in a workspace. */
  system(workspaceId: string): Promise<ServiceContext>
  readonly live: Live
  /** Another server on the same database and secrets. */
  another(options: Partial<ApiOptions>): Promise<ApiServer>
  /** A test that moves it puts it back. */
  readonly clock: { time: Date }
  workspace(): Promise<string>
  /** Creates a device and returns its token. */
  device(workspaceId: string, deviceId: string, role: Role): Promise<string>
  revoke(workspaceId: string, deviceId: string): Promise<void>
  /** A code by which a device may enroll. */
  enrollmentCode(workspaceId: string, deviceId: string, role?: DeviceRole): Promise<string>
  /** Enrolls a device with a key of its own. */
  enroll(workspaceId: string, deviceId: string, role?: DeviceRole): Promise<DeviceKey>
  /** An access token for an enrolled key. */
  accessToken(key: DeviceKey, clientId: string, scope?: string): Promise<string>
  /** Creates a service; its answer has the secret, unless it has a key. */
  service(
    workspaceId: string,
    input: { serviceId: string; deviceIds?: readonly string[] } & Pick<
      CreateServiceInput,
      'scopes' | 'publicKeyJwk'
    >,
  ): Promise<CreatedService>
  /** A token answer for a service that has a secret. */
  secretToken(service: CreatedService, scope?: string): Promise<Response>
  /** People of the workspace with these roles, who have no password. */
  people(workspaceId: string, roles: readonly DeviceRole[]): Promise<{ personId: string }[]>
  /** An open invitation, by its id. */
  invitation(workspaceId: string, email: string): Promise<string>
  /** Runs SQL that no role of the application may run. */
  superuser(sql: string): Promise<void>
}

export async function realApi(
  options: Partial<ApiOptions> = {},
  identityOn?: (runtime: Runtime) => Promise<IdentityPort>,
): Promise<RealApi> {
  const { appUrl, superuserUrl } = await testDatabase()
  const db = openDatabase({ url: appUrl, max: 6 })
  const runtime = new Runtime({ db, pepper: randomBytes(32) })
  const clock = { time: NOW, now: () => clock.time }
  const identity = await identityOn?.(runtime)
  const server = await startApi({ runtime, clock, identity, ...options })
  const hearing = Promise.withResolvers<void>()
  const live = startLive(runtime, {
    url: appUrl,
    limits: { perDevice: 2, perServer: 3 },
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
  const enrollmentCode = async (
    workspaceId: string,
    deviceId: string,
    role?: DeviceRole,
  ): Promise<string> => {
    const { document } = await openEnrollment({
      ctx: await system(workspaceId),
      input: { deviceId: DeviceId.parse(deviceId), role, linkTo: (code) => code },
    })
    return document.toJSON().code ?? ''
  }
  return {
    ...server,
    runtime,
    system,
    another: (other) => startApi({ runtime, clock, ...other }),
    live,
    clock,
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
    enrollmentCode,
    enroll: async (workspaceId, deviceId, role) => {
      const key = await DeviceKey.generate()
      const answer = await key.enroll(server.url, await enrollmentCode(workspaceId, deviceId, role))
      if (!answer.ok) throw new Error(await answer.text())
      return key
    },
    accessToken: async (key, clientId, scope) => {
      const answer = await key.token(server.url, clientId, {
        at: NOW,
        ...(scope === undefined ? {} : { scope }),
      })
      if (!answer.ok) throw new Error(await answer.text())
      return ((await answer.json()) as { access_token: string }).access_token
    },
    service: async (workspaceId, { serviceId, deviceIds = [], ...rest }) => {
      const input = {
        ...rest,
        serviceId: ServiceId.parse(serviceId),
        deviceIds: deviceIds.map((each) => DeviceId.parse(each)),
      }
      return (await createService({ ctx: await system(workspaceId), input })).document.toJSON()
    },
    secretToken: ({ clientId, clientSecret }, scope) =>
      fetch(`${server.url}${OAUTH_PATHS.token}`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: clientId,
          client_secret: clientSecret ?? '',
          ...(scope === undefined ? {} : { scope }),
        }),
      }),
    people: (workspaceId, roles) =>
      Promise.all(
        roles.map(async (role) => {
          const letters = randomUUID().replaceAll('-', '').slice(0, 26)
          await db.pool.query(
            `INSERT INTO people (id, name, email, created_at, updated_at) VALUES ($1, 'Somebody', $2, $3, $3)`,
            [`usr_${letters}`, `${letters}@example.com`, NOW],
          )
          await db.pool.query(
            `INSERT INTO devices (workspace_id, device_id, role, created_at, person_id) VALUES ($1, $2, $3, $4, $5)`,
            [workspaceId, `dev_web_${letters}`, role, NOW, `usr_${letters}`],
          )
          return { personId: `usr_${letters}` }
        }),
      ),
    invitation: async (workspaceId, email) => {
      const input = { email, role: 'scout' as const, linkTo: (code: string) => code }
      return (await invitePerson({ ctx: await system(workspaceId), input })).document.toJSON().invitationId
    },
    superuser: async (sql) => {
      await using connection = await connectOnce({ url: superuserUrl, applicationName: 'fieldsync-test' })
      await connection.client.query(sql)
    },
    revoke: async (workspaceId, deviceId) => {
      await revokeDevice({ ctx: await system(workspaceId), input: { deviceId: DeviceId.parse(deviceId) } })
    },
  }
}
