import { createHmac, randomBytes } from 'node:crypto'

import { normalizedCode } from '@fieldsync/contracts'

// Crockford's alphabet: no letter in it is read as another one, or as a digit.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const BITS = 128
const LENGTH = 26
const GROUPS = /^(.{5})(.{5})(.{5})(.{5})(.{6})$/

/** A new one-time code: 128 random bits in groups that a person can type. */
export function mintEnrollmentCode(): string {
  let value = BigInt(`0x${randomBytes(BITS / 8).toString('hex')}`)
  let text = ''
  for (let i = 0; i < LENGTH; i++) {
    text = `${ALPHABET[Number(value & 31n)]}${text}`
    value >>= 5n
  }
  return text.replace(GROUPS, '$1-$2-$3-$4-$5')
}

/** What the database keeps of a code, however it was typed: useless without the pepper (ENR-1). */
export const hashEnrollmentCode = (pepper: Buffer, code: string): Buffer =>
  createHmac('sha256', pepper)
    .update(`fieldsync.enrollment.v1\n${normalizedCode(code)}`, 'utf8')
    .digest()
