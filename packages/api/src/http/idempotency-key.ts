import type { IncomingMessage } from 'node:http'

import { MAX_ID_LENGTH, type ValidationIssue } from '@fieldsync/contracts'

export type IdempotencyKey = { readonly key?: string; readonly issue?: ValidationIssue }

const BARE = /^[\x21\x23-\x7e][\x20-\x7e]*$/
/** sf-string of RFC 8941: printable ASCII in quotes; `"` and `\` are escaped by a backslash. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/

const issue = (message: string): IdempotencyKey => ({ issue: { path: '/headers/idempotency-key', message } })
const MISSING = issue('is required')
const MALFORMED = issue('must be printable ASCII, bare or as a quoted string')
const WRONG_LENGTH = issue(`must have 1 to ${MAX_ID_LENGTH} characters`)
const REPEATED = issue('must be given once')

/**
 * Reads the `Idempotency-Key` of a write; bare and quoted it is the same key (HDR-1).
 *
 * @param values each occurrence of the header
 */
export function readIdempotencyKey(values: readonly string[] | undefined, required: boolean): IdempotencyKey {
  const [value, ...others] = values ?? []
  if (value === undefined) return required ? MISSING : {}
  if (others.length > 0) return REPEATED
  if (value === '') return WRONG_LENGTH
  const key = BARE.test(value) ? value : QUOTED.exec(value)?.[1]?.replace(/\\(.)/g, '$1')
  if (key === undefined) return MALFORMED
  return key.length >= 1 && key.length <= MAX_ID_LENGTH ? { key } : WRONG_LENGTH
}

/** The key of a request, see {@link readIdempotencyKey}. */
export const idempotencyKeyOf = (req: IncomingMessage, required: boolean): IdempotencyKey =>
  readIdempotencyKey(occurrences(req, 'idempotency-key'), required)

/** Each occurrence of a header. Node joins several with a comma, so only a value that has one is looked up again. */
function occurrences(req: IncomingMessage, name: string): readonly string[] | undefined {
  const value = req.headers[name]
  if (value === undefined) return undefined
  return typeof value === 'string' && !value.includes(',') ? [value] : req.headersDistinct[name]
}
