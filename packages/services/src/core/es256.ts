import type { EcPublicJwk } from '@fieldsync/contracts'
import { type CryptoKey, importJWK } from 'jose'

/** The one algorithm of keys, proofs and tokens here: ECDSA on P-256 with SHA-256 (RFC 7518). */
export const ES256 = 'ES256'

/**
 * Whether the signature of a JWS is written in the one way that base64url has for its 64 bytes. The last character has unused
 * bits: sixteen texts would otherwise be the same token.
 */
export function hasPlainSignature(jws: string): boolean {
  const written = jws.slice(jws.lastIndexOf('.') + 1)
  const bytes = Buffer.from(written, 'base64url')
  return bytes.length === 64 && bytes.toString('base64url') === written
}

/** A public key for verifying. */
export async function importPublicKey(jwk: EcPublicJwk): Promise<CryptoKey> {
  const key = await importJWK(jwk, ES256)
  if (key instanceof Uint8Array) throw new Error('a public key was read as a secret')
  return key
}
