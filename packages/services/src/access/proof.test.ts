import { KeyObject, sign } from 'node:crypto'

import { DeviceKey, type ProofOf } from '@fieldsync/testkit'
import { generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'

import { Nonces } from '../core/nonces.ts'
import { countProof, provesBody, verifyProof } from './proof.ts'

const NOW = new Date('2026-02-12T08:00:00Z')
const clock = { now: () => NOW }
const REQUEST = { method: 'POST', url: 'https://sync.example/v1/sync/batch' }
const pair = await generateKeyPair('ES256', { extractable: true })
const key = await DeviceKey.of(pair)

/** A verifier with nonces of its own, and proofs for it. */
function server(maxProofs?: number) {
  const nonces = new Nonces([Buffer.alloc(32, 5)], maxProofs)
  const verifier = { nonces, proofs: nonces, clock }
  const nonce = verifier.nonces.current(NOW)
  const proof = (of: Partial<ProofOf> = {}) => key.proof({ ...REQUEST, nonce, ...of })
  const verify = async (of: Partial<ProofOf> = {}, request = REQUEST, token?: string) =>
    await verifyProof(verifier, await proof(of), request, token)
  return { verifier, proof, verify }
}

const refused = (reason: string) => ({
  code: 'AUTH_REQUIRED',
  message: expect.stringMatching(/^(?:The proof|The header DPoP) .+\.$/),
  details: { reason },
})
const invalid = refused('proof_invalid')

describe('a proof', () => {
  it('[ACC-15] says whose key it is by, its own id and the hash of the body', async () => {
    const { verify } = server()
    const proof = await verify({ body: '{}', claims: { jti: 'mine' } })
    expect(proof).toMatchObject({ thumbprint: key.thumbprint, jti: 'mine' })
    expect(() => provesBody(proof, '{}')).not.toThrow()
    expect(() => provesBody(proof, '{ }')).toThrow('another body')
    expect(() => provesBody({ bodySha256: undefined }, '')).toThrow('another body')
  })

  it.each([
    'https://sync.example/v1/sync/batch',
    'HTTPS://SYNC.example:443/v1/sync/batch',
    'https://sync.example/v1/./sync/batch',
  ])('[ACC-15] may write the address as %s', async (htu) => {
    const { verify } = server()
    expect(await verify({ claims: { htu } })).toMatchObject({ thumbprint: key.thumbprint })
  })

  it.each([
    'https://sync.example/v1/sync',
    'https://sync.example:8443/v1/sync/batch',
    'http://sync.example/v1/sync/batch',
    'https://sync.example.evil/v1/sync/batch',
    '/v1/sync/batch',
    '',
  ])('[ACC-15] for the address “%s” is refused', async (htu) => {
    const { verify } = server()
    await expect(verify({ claims: { htu } })).rejects.toMatchObject(invalid)
  })

  it('[ACC-15] is refused with a key that is none, or not the one that signed', async () => {
    const { verify } = server()
    const { publicJwk } = await DeviceKey.generate()
    for (const jwk of [
      publicJwk,
      { ...key.publicJwk, y: publicJwk.y },
      { ...key.publicJwk, kty: 'RSA' },
      {},
      null,
    ])
      await expect(verify({ header: { jwk } })).rejects.toMatchObject(invalid)
  })

  it('[ACC-15] is verified each time, also where its header is known from an earlier one', async () => {
    const { verifier, verify } = server()
    const other = await DeviceKey.generate()
    const nonce = verifier.nonces.current(NOW)
    const earlier = await verifyProof(verifier, await other.proof({ ...REQUEST, nonce }), REQUEST)
    expect(earlier.thumbprint).toBe(other.thumbprint)
    await expect(verify({ header: { jwk: other.publicJwk } })).rejects.toMatchObject(invalid)
    // With the key, but too long to be remembered.
    const kid = 'k'.repeat(300)
    for (let again = 0; again < 2; again++)
      expect(await verify({ header: { kid } })).toMatchObject({ thumbprint: key.thumbprint })
  })

  it.each([
    ['another type', { typ: 'JWT' }],
    ['no type', { typ: undefined }],
    ['another algorithm', { alg: 'ES384' }],
    ['an extension to understand', { crit: ['b64'], b64: true }],
    ['its private key', { jwk: { ...key.publicJwk, d: key.publicJwk.x } }],
  ])('[ACC-15] with %s is refused, although its key has signed it', async (_, header) => {
    const { verify } = server()
    await expect(verify({ header })).rejects.toMatchObject(invalid)
  })

  it('[ACC-15] has three parts', async () => {
    const { proof, verifier } = server()
    const text = `${(await proof()).split('.', 2).join('.')}.e30`
    const signature = sign('sha256', Buffer.from(text), {
      key: KeyObject.from(pair.privateKey),
      dsaEncoding: 'ieee-p1363',
    })
    const four = `${text}.${signature.toString('base64url')}`
    await expect(verifyProof(verifier, four, REQUEST)).rejects.toMatchObject(invalid)
  })

  it('[ACC-15] does not depend on the clock of the device', async () => {
    const { verify } = server()
    for (const iat of [0, 4_102_444_800]) await verify({ claims: { iat } })
  })

  it('[ACC-15] is for one access token, or for none', async () => {
    const { verify } = server()
    await verify({ accessToken: 'token' }, REQUEST, 'token')
    await verify()
    await expect(verify({ accessToken: 'token' }, REQUEST, 'other')).rejects.toMatchObject(invalid)
    await expect(verify({}, REQUEST, 'token')).rejects.toMatchObject(invalid)
    await expect(verify({ accessToken: 'token' })).rejects.toMatchObject(invalid)
  })

  it.each(['jti', 'htm', 'htu', 'iat'])('[ACC-15] needs the claim %s, in its type', async (name) => {
    const { verify } = server()
    for (const value of [undefined, null, {}, ['x']])
      await expect(verify({ claims: { [name]: value } })).rejects.toMatchObject(invalid)
  })

  it('[ACC-15] has an id of 1 to 256 characters, and 4,096 characters in all', async () => {
    const { verify, verifier } = server()
    await verify({ claims: { jti: 'x'.repeat(256) } })
    for (const jti of ['', 'x'.repeat(257)])
      await expect(verify({ claims: { jti } })).rejects.toMatchObject(invalid)
    const ofLength = async (length: number) => {
      const [header, payload] = (await key.proof(REQUEST)).split('.')
      return `${header}.${payload}.`.padEnd(length, 'A')
    }
    await expect(verifyProof(verifier, await ofLength(4096), REQUEST)).rejects.toThrow('is not a proof')
    await expect(verifyProof(verifier, await ofLength(4097), REQUEST)).rejects.toThrow('too long')
  })

  it('[ACC-15] needs a nonce before it is compared with its request', async () => {
    const { verify } = server()
    for (const nonce of ['', 'x', new Nonces([Buffer.alloc(32, 6)]).current(NOW)])
      await expect(verify({ nonce, claims: { htm: 'PUT' } })).rejects.toMatchObject(refused('nonce'))
    await expect(verify({ claims: { htm: 'PUT' } })).rejects.toMatchObject(invalid)
  })

  it('[ACC-17] counts once for each key and id, and not where there is no room', async () => {
    const { verifier, verify } = server(2)
    const first = await verify({ claims: { jti: 'a' } })
    await countProof(verifier, first)
    const replayed = {
      details: expect.objectContaining({ reason: 'replayed' }),
      message: expect.stringContaining('used before'),
    }
    await expect(countProof(verifier, first)).rejects.toThrow(expect.objectContaining(replayed))
    await countProof(verifier, { ...first, thumbprint: 'of another key' })
    const full = {
      code: 'UNAVAILABLE',
      retryAfterSeconds: 2,
      message: expect.stringContaining('no room for more proofs'),
    }
    const third = await verify({ claims: { jti: 'b' } })
    await expect(countProof(verifier, third)).rejects.toThrow(expect.objectContaining(full))
  })
})
