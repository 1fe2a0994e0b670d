import { createHash } from 'node:crypto'

import { device, DeviceKey, observation, syncBatch } from '@fieldsync/testkit'
import * as oauth from 'oauth4webapi'
import { expect, it } from 'vitest'

import { NOW, realApi } from '../testing/real-api.ts'

const api = await realApi()
const loopback = { [oauth.allowInsecureRequests]: true } as const

const DISCOVERY = { algorithm: 'oauth2', ...loopback } as const

/** The server as a client finds it. */
const discovered = async (): Promise<oauth.AuthorizationServer> =>
  await oauth.processDiscoveryResponse(
    new URL(api.url),
    await oauth.discoveryRequest(new URL(api.url), DISCOVERY),
  )

/** Calls again with the nonce that the client was given, as RFC 9449 says. */
async function withNonce<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    return await call()
  }
}

it('[ACC-13][ACC-15][OPS-38] a client that others wrote discovers the server, gets a token and calls with it', async () => {
  const workspaceId = await api.workspace()
  const server = await discovered()

  // Enrolling is not part of OAuth; the key is the client's.
  const keys = await oauth.generateKeyPair('ES256')
  const key = await DeviceKey.of(keys)
  const enrolled = await key.enroll(api.url, await api.enrollmentCode(workspaceId, 'dev_other'))
  const { clientId } = (await enrolled.json()) as { clientId: string }

  const offset = Math.round((NOW.getTime() - Date.now()) / 1000)
  const client: oauth.Client = { client_id: clientId, [oauth.clockSkew]: offset }
  let body: string | undefined
  const proofs = oauth.DPoP(client, keys, {
    // The one claim that is ours.
    [oauth.modifyAssertion]: (_header, payload) => {
      if (body !== undefined) payload['htd'] = createHash('sha256').update(body).digest('base64url')
    },
  })
  const token = await withNonce(async () =>
    oauth.processClientCredentialsResponse(
      server,
      client,
      await oauth.clientCredentialsGrantRequest(
        server,
        client,
        oauth.PrivateKeyJwt(keys.privateKey),
        { scope: 'sync read' },
        { DPoP: proofs, ...loopback },
      ),
    ),
  )
  expect(token).toMatchObject({ token_type: 'dpop', expires_in: 600, scope: 'sync read' })

  const call = async (method: string, path: string, text?: string): Promise<unknown> => {
    body = text
    const answer = await withNonce(() =>
      oauth.protectedResourceRequest(
        token.access_token,
        method,
        new URL(`${api.url}${path}`),
        new Headers({ 'content-type': 'application/json', 'idempotency-key': 'k' }),
        text,
        { DPoP: proofs, ...loopback },
      ),
    )
    return await answer.json()
  }
  expect(await call('GET', '/v1/session')).toMatchObject({
    deviceId: 'dev_other',
    workspace: { workspaceId },
  })
  const batch = syncBatch({
    device: device({ deviceId: 'dev_other' }),
    observations: [observation({ deviceId: 'dev_other' })],
  })
  expect(await call('POST', '/v1/sync/batch', JSON.stringify(batch))).toMatchObject({
    acceptedCounts: { observations: 1 },
    conflicts: [],
  })
  expect(await call('GET', '/v1/observations?limit=5')).toHaveLength(1)
  expect(await call('GET', '/v1/audit')).toMatchObject({
    error: { code: 'FORBIDDEN', details: { reason: 'role' } },
  })
})

async function serviceFarm(publicKeyJwk?: DeviceKey['publicJwk']) {
  const workspaceId = await api.workspace()
  await api.device(workspaceId, 'dev_scout_1', 'scout')
  const serviceId = 'dev_svc_import'
  return await api.service(workspaceId, {
    serviceId,
    scopes: ['sync', 'read'],
    deviceIds: ['dev_scout_1'],
    publicKeyJwk,
  })
}

it.each([
  ['client_secret_basic', oauth.ClientSecretBasic],
  ['client_secret_post', oauth.ClientSecretPost],
] as const)(
  '[SVC-4][OPS-38] a service with a secret discovers the server, gets a token by %s and creates an observation',
  async (method, authentication) => {
    const service = await serviceFarm()
    const server = await discovered()
    expect(server.token_endpoint_auth_methods_supported).toContain(method)
    const client: oauth.Client = { client_id: service.clientId }
    const request = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      authentication(service.clientSecret ?? ''),
      { scope: 'sync' },
      loopback,
    )
    const token = await oauth.processClientCredentialsResponse(server, client, request)
    expect(token).toMatchObject({ token_type: 'bearer', expires_in: 600, scope: 'sync' })
    const answer = await oauth.protectedResourceRequest(
      token.access_token,
      'POST',
      new URL(`${api.url}/v1/observations`),
      new Headers({ 'content-type': 'application/json', 'idempotency-key': 'k' }),
      JSON.stringify(observation({ deviceId: 'dev_scout_1' })),
      loopback,
    )
    expect([answer.status, await answer.json()]).toMatchObject([201, { deviceId: 'dev_scout_1' }])
  },
)

it('[SVC-4][OPS-38] a service with a key does so by private_key_jwt, and proves it with each request', async () => {
  const keys = await oauth.generateKeyPair('ES256')
  const { publicJwk } = await DeviceKey.of(keys)
  const service = await serviceFarm(publicJwk)
  const server = await discovered()
  const offset = Math.round((NOW.getTime() - Date.now()) / 1000)
  const client: oauth.Client = { client_id: service.clientId, [oauth.clockSkew]: offset }
  const body = JSON.stringify(observation({ deviceId: 'dev_scout_1' }))
  const ofBody = createHash('sha256').update(body).digest('base64url')
  const DPoP = oauth.DPoP(client, keys, {
    [oauth.modifyAssertion]: (_header, payload) => {
      if ('ath' in payload) payload['htd'] = ofBody
    },
  })
  const token = await withNonce(async () =>
    oauth.processClientCredentialsResponse(
      server,
      client,
      await oauth.clientCredentialsGrantRequest(
        server,
        client,
        oauth.PrivateKeyJwt(keys.privateKey),
        {},
        { DPoP, ...loopback },
      ),
    ),
  )
  expect(token).toMatchObject({ token_type: 'dpop', scope: 'sync read' })
  const answer = await withNonce(() =>
    oauth.protectedResourceRequest(
      token.access_token,
      'POST',
      new URL(`${api.url}/v1/observations`),
      new Headers({ 'content-type': 'application/json', 'idempotency-key': 'k' }),
      body,
      { DPoP, ...loopback },
    ),
  )
  expect([answer.status, await answer.json()]).toMatchObject([201, { deviceId: 'dev_scout_1' }])
})
