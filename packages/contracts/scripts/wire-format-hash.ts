import { createHash } from 'node:crypto'

import canonicalize from 'canonicalize'

import { wireFormat } from '../src/wire-format/wire-format.ts'

/** SHA-256, in hex, over the canonical JSON (RFC 8785) of the current wire format. */
export const wireFormatHash = (): string =>
  createHash('sha256')
    .update(canonicalize(wireFormat()) ?? '')
    .digest('hex')
