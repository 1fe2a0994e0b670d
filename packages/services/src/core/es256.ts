import type { EcPublicJwk } from '@fieldsync/contracts'
import { type CryptoKey, importJWK } from 'jose'

/** The one algorithm of keys, proofs and tokens here: ECDSA on P-256 with SHA-256 (RFC 7518). */
export const ES256 = 'ES256'

/** A public key for verifying. */
export async function importPublicKey(jwk: EcPublicJwk): Promise<CryptoKey> {
  const key = await importJWK(jwk, ES256)
  if (key instanceof Uint8Array) throw new Error('a public key was read as a secret')
  return key
}
