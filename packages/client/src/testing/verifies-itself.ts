import { compactVerify, importJWK } from 'jose'

import type { DeviceSigner } from '../credentials/device-signer.ts'
import { base64url } from '../platform/base64url.ts'

/**
 * Whether a signature of the signer is what its public key verifies as ES256, by a library that is not ours.
 * @param text without a point, as the parts of a token
 */
export async function verifiesItself(signer: DeviceSigner, text = 'payload'): Promise<boolean> {
  const bytes = (value: string): Uint8Array => new TextEncoder().encode(value)
  const input = `${base64url(bytes('{"alg":"ES256"}'))}.${base64url(bytes(text))}`
  const signature = await signer.sign(bytes(input))
  if (signature.length !== 64) return false
  const key = await importJWK({ ...(await signer.publicKeyJwk()) }, 'ES256')
  return compactVerify(`${input}.${base64url(signature)}`, key).then(
    () => true,
    () => false,
  )
}
