import type { EcPublicJwk } from '@fieldsync/contracts'

/** The key pair of a device. The private key stays behind it. */
export interface DeviceSigner {
  publicKeyJwk(): Promise<EcPublicJwk>
  /** An ECDSA signature with SHA-256 of the data: 64 bytes, r and s (`ES256`, RFC 7518, 3.4). */
  sign(data: Uint8Array): Promise<Uint8Array>
  /** `platform`: not even this program can read the private key; `software`: the key is data that this program stores. */
  readonly storage: 'platform' | 'software'
  /** Removes the key, as after a wipe; undefined for one that this program cannot remove. */
  deleteKey?(): Promise<void>
}

/** A signer whose key is stored on the device. */
export interface StoredSigner extends DeviceSigner {
  /** Removes the key, if it is still there; the signer is of no use afterwards. */
  deleteKey(): Promise<void>
}

/** Whose key it is: one owner has one key on a device. */
export type KeyOwner = {
  /** Address of the server. */
  readonly url: string
  /** Of the device at that server, such as its id. */
  readonly name: string
}
