import { createHash } from 'node:crypto'

import { device, DeviceKey, observation, syncBatch } from '@fieldsync/testkit'
import * as oauth from 'oauth4webapi'
import { expect, it } from 'vitest'

import { NOW, realApi } from '../testing/real-api.ts'

const api = await realApi()
const loopback = { [oauth.allowInsecureRequests]: true } as const

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
  const discovered = await oauth.discoveryRequest(new URL(api.url), { algorithm: 'oauth2', ...loopback })
  const server = await oauth.processDiscoveryResponse(new URL(api.url), discovered)

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
