import { hkdfSync } from 'node:crypto'

const KEY_BYTES = 32

/** A key for one purpose, derived from the pepper (RFC 5869): none of them reveals another, or the pepper. */
export const derivedKey = (pepper: Buffer, purpose: 'nonce' | 'signing-key'): Buffer =>
  Buffer.from(hkdfSync('sha256', pepper, '', `fieldsync.${purpose}.v1`, KEY_BYTES))
