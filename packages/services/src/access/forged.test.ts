import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { DeviceKey, forgedJws, roundSeeds, seededRandom } from '@fieldsync/testkit'
import { generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'

import { Nonces } from '../core/nonces.ts'
import { ServiceError } from '../core/service-error.ts'
import { signAccessToken, verifyAccessToken } from './access-token.ts'
import { verifyProof } from './proof.ts'

const FORGED = 2500
const NOW = new Date('2026-02-12T08:00:00Z')
const clock = { now: () => NOW }
const issuer = 'https://sync.example'
const url = `${issuer}/v1/session`

const { publicKey, privateKey } = await generateKeyPair('ES256')
const signingKeys = {
  signing: () => Promise.resolve({ kid: 'k1', privateKey }),
  publicKey: (kid: string) => Promise.resolve(kid === 'k1' ? publicKey : undefined),
}
const server = { signingKeys, clock, issuer }
const key = await DeviceKey.generate()
const device = (name: string) => ({
  workspaceId: WorkspaceId.parse('ws_demo'),
  deviceId: DeviceId.parse(name),
  scopes: ['sync', 'read'] as const,
  epoch: 1,
  thumbprint: key.thumbprint,
})
const { text: token } = await signAccessToken(server, device('dev_scout_1'))
const others = [(await signAccessToken(server, device('dev_scout_2'))).text]
const nonces = new Nonces([Buffer.alloc(32, 3)])
const proofOf = () => key.proof({ method: 'GET', url, nonce: nonces.current(NOW), accessToken: token })

const refusal = async (attempt: Promise<unknown>): Promise<unknown> => {
  const outcome = await attempt.catch((error: unknown) => error)
  if (!(outcome instanceof ServiceError)) return outcome
  return outcome.code
}

describe.each(roundSeeds(1))('seed %i', (seed) => {
  it(`[ACC-16] none of ${FORGED} forged access tokens is accepted, nor ends in anything but a refusal`, async () => {
    const rng = seededRandom(seed)
    expect(await verifyAccessToken(server, token)).toMatchObject({ deviceId: 'dev_scout_1' })
    const knows = { publicJwk: key.publicJwk, others }
    for (let i = 0; i < FORGED; i++) {
      const text = forgedJws(rng, token, knows)
      expect([text, await refusal(verifyAccessToken(server, text))]).toEqual([text, 'AUTH_REQUIRED'])
    }
  })

  it(`[ACC-15] none of ${FORGED} forged proofs is accepted, nor ends in anything but a refusal`, async () => {
    const rng = seededRandom(seed)
    const proof = await proofOf()
    const verify = (text: string) => verifyProof({ nonces, clock }, text, { method: 'GET', url }, token)
    expect(await verify(proof)).toMatchObject({ thumbprint: key.thumbprint })
    const knows = { publicJwk: key.publicJwk, others: [await proofOf()] }
    for (let i = 0; i < FORGED; i++) {
      const text = forgedJws(rng, proof, knows)
      expect([text, await refusal(verify(text))]).toEqual([text, 'AUTH_REQUIRED'])
    }
  })
})
