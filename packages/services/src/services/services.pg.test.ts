import { randomBytes } from 'node:crypto'

import { DeviceId, ServiceId, SyncBatchRequest } from '@fieldsync/contracts'
import { observation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { authenticate } from '../access/authenticate.ts'
import type { ClientSecret } from '../access/client-secret.ts'
import { issueAccessToken } from '../access/issue-token.ts'
import { usePreviousPepper } from '../access/previous-pepper.ts'
import type { AuthenticatedActor } from '../core/actor.ts'
import { Runtime } from '../core/runtime.ts'
import { ensureConfiguredDevices } from '../devices/ensure-configured.ts'
import { applyBatch } from '../sync/apply-batch.ts'
import { TestDevice, testServices, type TestWorkspace } from '../testing/test-workspace.ts'
import { createService } from './create.ts'
import { grantService } from './grant.ts'
import { rotateService } from './rotate.ts'

const services = await testServices()
const issuer = 'https://sync.example'
const serviceId = ServiceId.parse('dev_svc_import')
const SCOUT = DeviceId.parse('dev_scout_1')

/** A service with a secret that may write for `dev_scout_1`. */
async function farm() {
  const workspace = await services.workspace()
  const scout = await workspace.device(SCOUT)
  const input = { serviceId, scopes: ['sync' as const], deviceIds: [SCOUT] }
  const ctx = await services.system(workspace.workspaceId)
  const { clientId, clientSecret } = (await createService({ ctx, input })).document.toJSON()
  return { workspace, scout, client: { clientId, secret: clientSecret ?? '' } }
}

async function tokenOf(client: ClientSecret, runtime = services.runtime): Promise<string> {
  const ctx = { ...services.admin, runtime }
  const request = { client, scope: undefined, proof: undefined, issuer, audiences: [issuer] }
  return (await issueAccessToken(ctx, request)).accessToken
}

const callerOf = (accessToken: string, fromMemory = false): Promise<AuthenticatedActor> =>
  authenticate({
    ctx: services.admin,
    credentials: {
      deviceToken: undefined,
      bearer: undefined,
      access: {
        scheme: 'Bearer',
        accessToken,
        proof: undefined,
        request: { method: 'POST', url: `${issuer}/v1/sync/batch` },
        issuer,
        audience: 'api',
      },
    },
    fromMemory,
  })

const grant = async ({ workspaceId }: TestWorkspace, deviceIds: DeviceId[]): Promise<unknown> =>
  grantService({ ctx: await services.system(workspaceId), input: { serviceId, deviceIds } })

const record = () => observation({ deviceId: SCOUT })

describe('a write of a service', () => {
  it.each([
    ['its grant ends', ({ workspace }: Awaited<ReturnType<typeof farm>>) => grant(workspace, [])],
    ['the device is revoked', ({ scout }: Awaited<ReturnType<typeof farm>>) => scout.revoke()],
  ])('[SVC-6] that is under way while %s is refused at its commit', async (_, end) => {
    const mine = await farm()
    const actor = await callerOf(await tokenOf(mine.client))
    let isOver = false
    const interrupted = services.interrupted(async (statement) => {
      if (isOver || statement !== 'fieldsync_commit_all') return
      isOver = true
      await end(mine)
    })
    const writer = new TestDevice(services, actor, '', interrupted)
    await expect(writer.create(record())).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(isOver).toBe(true)
    const { rows } = await services.owner.pool.query('SELECT FROM observations WHERE workspace_id = $1', [
      mine.workspace.workspaceId,
    ])
    expect(rows).toHaveLength(0)
  })

  it('[SVC-6] as a caller from memory is decided by the grants of now', async () => {
    const mine = await farm()
    const accessToken = await tokenOf(mine.client)
    await callerOf(accessToken, true)
    const send = async () => {
      const actor = await callerOf(accessToken, true)
      expect(actor.confirm).toBeDefined()
      const batch = syncBatch({ observations: [record()] })
      const ctx = { ...mine.scout.ctx(batch.syncId), actor }
      const input = SyncBatchRequest.parse({ ...batch, device: { ...batch.device, deviceId: serviceId } })
      return (await applyBatch({ ctx, input })).document.toJSON()
    }
    expect(await send()).toMatchObject({ acceptedCounts: { observations: 1 } })
    await grant(mine.workspace, [])
    expect(await send()).toMatchObject({ conflicts: [{ code: 'FORBIDDEN' }] })
    await grant(mine.workspace, [SCOUT])
    expect(await send()).toMatchObject({ acceptedCounts: { observations: 1 } })
  })
})

describe('the secret of a service', () => {
  it('[ACC-22] of the previous pepper is accepted, and is one of the present pepper from then on', async () => {
    const { client, workspace } = await farm()
    const { db, pepper: previousPepper } = services
    const pepper = randomBytes(32)
    const [both, done] = [new Runtime({ db, pepper, previousPepper }), new Runtime({ db, pepper })]
    const invalid = { code: 'AUTH_REQUIRED', details: { reason: 'invalid' } }
    await expect(tokenOf(client, done)).rejects.toMatchObject(invalid)
    const left = async () => (await usePreviousPepper({ ctx: { ...services.admin, runtime: both } }))?.tokens
    const before = (await left()) ?? 0
    await Promise.all(Array.from({ length: 4 }, () => tokenOf(client, both)))
    expect(await left()).toBe(before - 1)
    await tokenOf(client, done)
    await expect(tokenOf(client)).rejects.toMatchObject(invalid)
    const ctx = { ...(await services.system(workspace.workspaceId)), runtime: both }
    const next = (await rotateService({ ctx, input: { serviceId } })).document.toJSON()
    await tokenOf({ ...client, secret: next.clientSecret ?? '' }, done)
  })

  it('[SVC-2] is not stored, and its service gets no pre-shared token by DEVICE_TOKENS', async () => {
    const { client, workspace } = await farm()
    const { rows } = await services.owner.pool.query<{ text: string }>(
      `SELECT t::text AS text FROM device_tokens t UNION ALL SELECT t::text FROM audit_entries t
        UNION ALL SELECT t::text FROM sync_events t UNION ALL SELECT t::text FROM devices t`,
    )
    for (const { text } of rows) expect(text).not.toContain(client.secret.slice(4))
    const { workspaceId } = workspace
    const input = [
      { workspaceId, deviceId: serviceId, role: 'admin', token: 'a-token-for-a-service' } as const,
    ]
    await expect(ensureConfiguredDevices({ ctx: services.admin, input })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    })
  })
})
