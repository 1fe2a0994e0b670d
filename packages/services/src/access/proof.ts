import { createHash, createPublicKey, hash, type KeyObject, verify } from 'node:crypto'

import { EcPublicJwk } from '@fieldsync/contracts'
import { calculateJwkThumbprint, decodeProtectedHeader } from 'jose'
import { z } from 'zod'

import type { Clock } from '../core/context.ts'
import { ES256, hasPlainSignature } from '../core/es256.ts'
import type { KnownNonce, Nonces, ProofMemory } from '../core/nonces.ts'
import { RecentMap } from '../core/recent-map.ts'
import type { ServiceError } from '../core/service-error.ts'
import { authRequired, unavailable } from '../core/service-error.ts'

const MAX_PROOF_LENGTH = 4096
/** Keys in memory; beyond, the one whose last proof is the longest ago is dropped. */
const MAX_KEYS = 10_000
/** A header with a key and nothing else has 190 characters or so; a longer one is read each time. */
const MAX_REMEMBERED_HEADER = 256

/** A request as a proof of possession names it (RFC 9449, section 4.2). */
export type ProvenRequest = {
  readonly method: string
  /** Absolute, as clients reach it, without query and fragment. */
  readonly url: string
}

/** A proof of possession whose signature, nonce and request are right, and which is not counted yet. */
export type Proof = {
  /** Thumbprint of the key (RFC 7638). */
  readonly thumbprint: string
  readonly jti: string
  readonly nonce: KnownNonce
  /** SHA-256 of the request's decoded body in base64url; undefined where the proof covers none. */
  readonly bodySha256: string | undefined
}

const Header = z.object({ jwk: z.object({ ...EcPublicJwk.shape, d: z.undefined().optional() }) })
const Claims = z.object({
  jti: z.string().min(1).max(256),
  htm: z.string(),
  htu: z.string(),
  iat: z.number(),
  nonce: z.string().optional(),
  ath: z.string().optional(),
  htd: z.string().optional(),
})

/**
 * Verifies a proof of possession against its request: signature, nonce, method, address and access token, in this order
 * (ACC-15). Its body is compared later, by {@link provesBody}; it counts once {@link countProof} has accepted it. The time in
 * it is not looked at: the nonce shows that it is recent, whatever the device's clock says.
 *
 * @param accessToken the token that the request carries, if it does
 * @throws ServiceError AUTH_REQUIRED, reason `proof_invalid` or `nonce`
 */
export async function verifyProof(
  { nonces, clock }: { nonces: Nonces; clock: Clock },
  text: string,
  request: ProvenRequest,
  accessToken?: string,
): Promise<Proof> {
  const { thumbprint, payload } = await verifiedSignature(text)
  const claims = Claims.safeParse(jsonOf(payload)).data
  if (!claims) throw invalidProof('The proof lacks claims that RFC 9449 requires.')
  const nonce = nonces.known(claims.nonce ?? '', clock.now())
  if (nonce === undefined)
    throw authRequired('nonce', 'The proof needs the nonce of a recent answer (header DPoP-Nonce).')
  if (claims.htm !== request.method) throw invalidProof('The proof is for another method.')
  if (claims.htu !== request.url && addressOf(claims.htu) !== addressOf(request.url))
    throw invalidProof('The proof is for another address.')
  const expected = accessToken === undefined ? undefined : hash('sha256', accessToken, 'base64url')
  if (claims.ath !== expected) throw invalidProof('The proof is for another access token.')
  return { thumbprint, jti: claims.jti, nonce, bodySha256: claims.htd }
}

/**
 * Counts a proof: it is accepted once by each server (ACC-17). Called when the credential that it belongs to is verified,
 * so that nobody else can fill the memory.
 *
 * @throws ServiceError AUTH_REQUIRED, reason `replayed`; UNAVAILABLE where there is no room
 */
export async function countProof(
  { proofs, clock }: { proofs: ProofMemory; clock: Clock },
  proof: Proof,
): Promise<void> {
  const id = hash('sha256', `${proof.thumbprint}.${proof.jti}`, 'base64url')
  switch (await proofs.use(proof.nonce, id, clock.now())) {
    case 'new':
      return
    case 'replayed':
      throw authRequired('replayed', 'This proof was used before; each request needs a new one.')
    case 'full':
      throw unavailable('The server has no room for more proofs at the moment; try again shortly.')
  }
}

/**
 * Compares the decoded body of a request with its proof, before any of it is parsed.
 * @throws ServiceError AUTH_REQUIRED, reason `proof_invalid`
 */
export function provesBody({ bodySha256 }: Pick<Proof, 'bodySha256'>, body: string): void {
  const actual = createHash('sha256').update(body).digest('base64url')
  if (bodySha256 !== actual) throw invalidProof('The proof is for another body (claim htd).')
}

const invalidProof = (message: string): ServiceError => authRequired('proof_invalid', message)

type VerifyingKey = { readonly thumbprint: string; readonly key: KeyObject }

/** By the header of their proofs as it is written: a device writes the same one each time, and it is read once. */
const keys = new RecentMap<VerifyingKey>(MAX_KEYS)

async function verifiedSignature(text: string): Promise<{ thumbprint: string; payload: Uint8Array }> {
  if (text.length > MAX_PROOF_LENGTH) throw invalidProof('The proof is too long.')
  try {
    const [header = '', payload = '', signature = '', ...rest] = text.split('.')
    if (rest.length > 0 || !hasPlainSignature(text)) throw new Error('not a proof')
    const verifying = keys.get(header) ?? (await readHeader(text))
    const { key, thumbprint } = verifying
    const signed = Buffer.from(text.slice(0, text.lastIndexOf('.')))
    // At once and not through WebCrypto: its way over a thread takes twice as long as the verification itself.
    const isRight = verify(
      'sha256',
      signed,
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    )
    if (!isRight) throw new Error('not by this key')
    if (header.length <= MAX_REMEMBERED_HEADER) keys.set(header, verifying)
    return { thumbprint, payload: Buffer.from(payload, 'base64url') }
  } catch {
    throw invalidProof('The header DPoP is not a proof signed with ES256 by the key in it (RFC 9449).')
  }
}

async function readHeader(text: string): Promise<VerifyingKey> {
  const { alg, typ, crit, ...header } = decodeProtectedHeader(text)
  if (alg !== ES256 || typ !== 'dpop+jwt' || crit !== undefined) throw new Error('not a proof')
  const { d: _none, ...jwk } = Header.parse(header).jwk
  // Refuses a point that is not on the curve.
  return { thumbprint: await calculateJwkThumbprint(jwk), key: createPublicKey({ key: jwk, format: 'jwk' }) }
}

function jsonOf(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'))
  } catch {
    return undefined
  }
}

/** Scheme, host, port and path; RFC 9449 ignores the rest, and says to normalize. */
function addressOf(url: string): string | undefined {
  const { protocol, host, pathname } = URL.parse(url) ?? {}
  return host === undefined ? undefined : `${protocol}//${host}${pathname}`
}
