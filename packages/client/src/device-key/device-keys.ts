import type { EcPublicJwk } from '@fieldsync/contracts'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

import type { DeviceSigner, StoredSigner } from '../credentials/device-signer.ts'
import { base64url } from '../platform/base64url.ts'

/** A signer, or how it is opened: with the first request, and again where that has failed. */
export type SignerSource = DeviceSigner | (() => Promise<DeviceSigner>)

/** Which of a device's keys is in use: the server says so, by accepting it (ENG-76). */
export class DeviceKeys {
  readonly #source: SignerSource
  readonly #onAccepted: (fingerprint: string) => void
  #inUse: Promise<DeviceSigner> | undefined
  #accepted: DeviceSigner | undefined

  /** @param onAccepted called with the fingerprint of a key that the server has accepted, once until another one is */
  constructor(source: SignerSource, onAccepted: (fingerprint: string) => void) {
    this.#source = source
    this.#onAccepted = onAccepted
  }

  inUse(): Promise<DeviceSigner> {
    if (this.#inUse) return this.#inUse
    const opening = Promise.resolve(typeof this.#source === 'function' ? this.#source() : this.#source)
    this.#inUse = opening
    opening.catch(() => {
      if (this.#inUse === opening) this.#inUse = undefined
    })
    return opening
  }

  /** The other keys that are stored now, the oldest first. */
  async others(signer: DeviceSigner): Promise<readonly DeviceSigner[]> {
    if (!isStored(signer)) return []
    const own = await fingerprintOf(signer)
    const stored = await signer.stored()
    const fingerprints = await Promise.all(stored.map(fingerprintOf))
    return stored.filter((_, at) => fingerprints[at] !== own)
  }

  /** The server knows this key as the device's. */
  use(signer: DeviceSigner): void {
    this.#inUse = Promise.resolve(signer)
  }

  /** The server has given a token to this key: it is the one in use, and earlier ones go. */
  async accepted(signer: DeviceSigner): Promise<void> {
    if (this.#accepted === signer) return
    this.use(signer)
    // What cannot be removed now is removed with the next one: an ended key opens nothing.
    if (isStored(signer)) await signer.removeEarlier().catch(() => undefined)
    this.#onAccepted(await fingerprintOf(signer))
    this.#accepted = signer
  }
}

/** Whether another key can take a signer's place. */
export const isStored = (signer: DeviceSigner): signer is StoredSigner => 'successor' in signer

/** By which an admin recognizes a key: its JWK thumbprint (RFC 7638). */
export async function fingerprintOf(signer: DeviceSigner): Promise<string> {
  const { crv, kty, x, y }: EcPublicJwk = await signer.publicKeyJwk()
  return base64url(sha256(utf8ToBytes(JSON.stringify({ crv, kty, x, y }))))
}
