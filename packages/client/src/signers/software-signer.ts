import type { EcPublicJwk } from '@fieldsync/contracts'
import { p256 } from '@noble/curves/nist.js'
import { bytesToHex, hexToBytes } from '@noble/curves/utils.js'

import type { KeyOwner, StoredSigner } from '../credentials/device-signer.ts'
import { base64url } from '../platform/base64url.ts'
import type { RandomSource } from '../platform/crypto-random.ts'
import { keyName } from './key-name.ts'

/** A store for secrets, such as a phone's. It belongs to one program, which runs once at a time. */
export type SecretStore = {
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  delete(name: string): Promise<void>
}

/** Where the private key of one owner is stored, as text. */
export type KeyStorage = {
  read(): Promise<string | null>
  /** Stores a key unless there is one; resolves with the one that is stored. */
  create(key: string): Promise<string>
  remove(): Promise<void>
}

/**
 * The signer of an owner whose key is in a secret store; the key is created where there is none.
 *
 * @param options.random default: the platform's; only for a new key
 * @throws Error for a stored key that is damaged, or a platform without randomness; what the store throws
 */
export function openSoftwareSigner(options: {
  readonly owner: KeyOwner
  readonly secrets: SecretStore
  readonly random?: RandomSource | undefined
}): Promise<StoredSigner> {
  const { owner, secrets, random } = options
  const name = keyName(owner)
  const storage: KeyStorage = {
    read: () => secrets.get(name),
    create: async (key) => {
      await secrets.set(name, key)
      return key
    },
    remove: () => secrets.delete(name),
  }
  return signerIn(storage, random)
}

/** The same for a key in a storage of its own. */
export async function signerIn(storage: KeyStorage, random?: RandomSource): Promise<StoredSigner> {
  const stored = (await storage.read()) ?? (await storage.create(bytesToHex(newKey(random))))
  const key = keyOf(stored)
  const jwk = jwkOfPoint(p256.getPublicKey(key, false))
  return {
    storage: 'software',
    publicKeyJwk: () => Promise.resolve(jwk),
    sign: (data) => Promise.resolve(p256.sign(data, key)),
    deleteKey: () => storage.remove(),
  }
}

function newKey(random: RandomSource | undefined = globalThis.crypto): Uint8Array {
  if (typeof random?.getRandomValues !== 'function')
    throw new Error('This platform has no crypto.getRandomValues; give the signer a `random`.')
  // 48 bytes: reduced to the order of the curve, no key is likelier than another (FIPS 186-5, A.2.1).
  const seed = random.getRandomValues(new Uint32Array(12))
  return p256.utils.randomSecretKey(new Uint8Array(seed.buffer))
}

// Another key in its place would be unknown to the server: a person has to decide that.
function keyOf(text: string): Uint8Array {
  const isKey = /^[0-9a-f]{64}$/.test(text) && p256.utils.isValidSecretKey(hexToBytes(text))
  if (!isKey) throw new Error('The stored key is damaged.')
  return hexToBytes(text)
}

/** @param point uncompressed: a byte that says so, then both coordinates (SEC 1, 2.3.3) */
export const jwkOfPoint = (point: Uint8Array): EcPublicJwk => ({
  kty: 'EC',
  crv: 'P-256',
  x: base64url(point.subarray(1, 33)),
  y: base64url(point.subarray(33)),
})
