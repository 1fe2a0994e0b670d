import { type CreatedService, OAUTH_PATHS, type OperationName, SyncBatchResponse } from '@fieldsync/contracts'
import { callOperation, device, observation, syncBatch, type TestServer } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { sharedSystem } from './testing/shared-system.ts'

const system = await sharedSystem(2, { PUBLIC_URL: 'https://sync.example.com' })
const [here, there = here] = system.servers
const workspaceId = await system.workspace()
const admin = await system.device(workspaceId, 'dev_admin', 'admin')
await system.device(workspaceId, 'dev_scout_1', 'scout')

let keys = 0
async function asAdmin<T>(operation: OperationName, input: Record<string, unknown>): Promise<T> {
  const { status, text } = await callOperation({ ...admin, operation, input, key: `admin ${++keys}` })
  if (status >= 300) throw new Error(text)
  return JSON.parse(text) as T
}

async function tokenAt({ url }: TestServer, { clientId, clientSecret }: CreatedService): Promise<string> {
  const answer = await fetch(`${url}${OAUTH_PATHS.token}`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret ?? '',
    }),
  })
  return ((await answer.json()) as { access_token: string }).access_token
}

/** A batch of the service with one observation of `dev_scout_1`: of its calls, the one that is answered from memory. */
const send = ({ url }: TestServer, bearer: string): Promise<Response> => {
  const batch = syncBatch({
    device: device({ deviceId: 'dev_svc_import' }),
    observations: [observation({ deviceId: 'dev_scout_1' })],
  })
  return fetch(`${url}/v1/sync/batch`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${bearer}`,
      'content-type': 'application/json',
      'idempotency-key': batch.syncId,
    },
    body: JSON.stringify(batch),
  })
}

const conflictsOf = async (answer: Response): Promise<string[]> =>
  SyncBatchResponse.parse(await answer.json()).conflicts.map(({ code }) => code)

it('[SVC-6][SVC-7] grants and a revocation at one server act on the next request at the other, which remembers the caller', async () => {
  const service = await asAdmin<CreatedService>('services.create', {
    serviceId: 'dev_svc_import',
    scopes: ['sync'],
    deviceIds: ['dev_scout_1'],
  })
  const bearer = await tokenAt(here, service)
  for (const server of [here, there, there]) expect(await conflictsOf(await send(server, bearer))).toEqual([])
  await asAdmin('services.grant', { serviceId: 'dev_svc_import', deviceIds: [] })
  expect(await conflictsOf(await send(there, bearer))).toEqual(['FORBIDDEN'])
  await asAdmin('services.grant', { serviceId: 'dev_svc_import', deviceIds: ['dev_scout_1'] })
  expect(await conflictsOf(await send(there, bearer))).toEqual([])
  await asAdmin('devices.revoke', { deviceId: 'dev_scout_1' })
  expect(await conflictsOf(await send(there, bearer))).toEqual(['FORBIDDEN'])
  await asAdmin('services.revoke', { serviceId: 'dev_svc_import' })
  const refused = await send(there, bearer)
  expect([refused.status, await refused.json()]).toMatchObject([
    401,
    { error: { details: { reason: 'revoked' } } },
  ])
  expect(await system.verifyAudit(workspaceId)).toMatchObject({ ok: true })
})
