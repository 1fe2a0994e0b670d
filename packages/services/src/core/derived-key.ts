import { hkdfSync } from 'node:crypto'

/**
 * The secrets outside the database under which credentials are hashed: the first is for what is stored from now on, what
 * depends on another is accepted until it has been re-hashed (ACC-22).
 */
export type Peppers = readonly [current: Buffer, ...previous: Buffer[]]

const KEY_BYTES = 32

/** A key for one purpose, derived from the pepper (RFC 5869): none of them reveals another, or the pepper. */
export const derivedKey = (pepper: Buffer, purpose: 'nonce' | 'signing-key' | 'id' | 'identity'): Buffer =>
  Buffer.from(hkdfSync('sha256', pepper, '', `fieldsync.${purpose}.v1`, KEY_BYTES))

const ID_BYTES = 8

/** Tells the hashes of one pepper from those of another in the database. */
export const pepperId = (pepper: Buffer): Buffer => derivedKey(pepper, 'id').subarray(0, ID_BYTES)

/** The secrets that the identity library encrypts and signs with, each with a number that follows from its pepper. */
export const identitySecrets = (peppers: Peppers): { version: number; value: string }[] =>
  peppers.map((pepper) => ({
    version: pepperId(pepper).readUIntBE(0, 4),
    value: derivedKey(pepper, 'identity').toString('base64url'),
  }))
