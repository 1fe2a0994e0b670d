import { hash } from 'node:crypto'

import type { Sha256 } from '@fieldsync/domain'

/** SHA-256 of a text in lower-case hex, as the domain's functions take it. */
export const sha256: Sha256 = (text) => hash('sha256', text, 'hex')
