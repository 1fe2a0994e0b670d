import { createHmac } from 'node:crypto'

import { normalizedCode } from '@fieldsync/contracts'

/** What a one-time link is for: a code of one kind is never one of another. */
type Purpose = 'invitation' | 'password-reset'

/** What the database keeps of the code of a link: useless without the pepper (PEO-6). */
export const hashLinkCode = (pepper: Buffer, purpose: Purpose, code: string): Buffer =>
  createHmac('sha256', pepper)
    .update(`fieldsync.${purpose}.v1\n${normalizedCode(code)}`, 'utf8')
    .digest()
