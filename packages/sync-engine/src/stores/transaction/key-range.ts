import { type ListOptions, StoreError } from '../../core/local-store.ts'

/** The keys from `lower` (included) to `upper` (not included), and how they are listed. */
export type KeyRange = {
  readonly lower: string
  readonly upper: string
  readonly reverse: boolean
  /** How many at most; undefined for all. */
  readonly limit: number | undefined
}

const PRINTABLE_ASCII = /^[ -~]*$/
// The neighbors of the characters that keys are made of: every key sorts before BEHIND, and of the texts that begin
// with a key and go on, key + FIRST is the first.
const FIRST = ' '
const BEHIND = '\u007f'

/** @throws {StoreError} `invalid_key` for anything but printable ASCII (STO-4). */
export function checkKey(key: string): string {
  if (typeof key === 'string' && PRINTABLE_ASCII.test(key)) return key
  throw new StoreError('invalid_key', `${JSON.stringify(key)} is no key: keys are printable ASCII`)
}

/** The range that a listing asks for; undefined when no key can be in it. */
export function keyRange(options: ListOptions = {}): KeyRange | undefined {
  const { prefix = '', after, reverse = false, limit } = options
  checkKey(prefix)
  if (limit !== undefined && (!Number.isInteger(limit) || limit < 0)) {
    throw new StoreError('invalid_key', `a limit is a whole number of at least 0, not ${limit}`)
  }
  let lower = prefix
  let upper = prefix + BEHIND
  if (after !== undefined) {
    checkKey(after)
    if (reverse && after < upper) upper = after
    if (!reverse && after >= lower) lower = after + FIRST
  }
  return lower < upper && limit !== 0 ? { lower, upper, reverse, limit } : undefined
}
