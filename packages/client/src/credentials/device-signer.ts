import type { EcPublicJwk } from '@fieldsync/contracts'

/** A key pair of a device. The private key stays behind it. */
export interface DeviceSigner {
  publicKeyJwk(): Promise<EcPublicJwk>
  /** An ECDSA signature with SHA-256 of the data: 64 bytes, r and s (`ES256`, RFC 7518, 3.4). */
  sign(data: Uint8Array): Promise<Uint8Array>
  /** `platform`: not even this program can read the private key; `software`: the key is data that this program stores. */
  readonly storage: 'platform' | 'software'
  /** Removes the key, as after a wipe; undefined for one that this program cannot remove. */
  deleteKey?(): Promise<void>
}

/**
 * A signer whose key is stored on the device. A key that takes its place is stored beside it, as the next generation, until
 * the server has accepted it: so at any time the key that the server knows is on the device (ENG-76).
 */
export interface StoredSigner extends DeviceSigner {
  /** When the key was stored, by this device's clock; undefined for one that an earlier version has stored. */
  readonly createdAt: number | undefined
  /** The owner's keys as they are stored now, the oldest first: one, or more while one takes another's place. */
  stored(): Promise<readonly StoredSigner[]>
  /** The key to take this one's place, created where there is none: the same for all tabs and processes. */
  successor(): Promise<StoredSigner>
  /** Removes the owner's earlier keys, once the server has accepted this one. */
  removeEarlier(): Promise<void>
  /** Removes all keys of the owner, as after a wipe; the signer is of no use afterwards. */
  deleteKey(): Promise<void>
}

/** Whose key it is: one owner has one key on a device. */
export type KeyOwner = {
  /** Address of the server. */
  readonly url: string
  /** Of the device at that server, such as its id. */
  readonly name: string
}
