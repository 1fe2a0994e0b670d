import canonicalize from 'canonicalize'

/** Lower-case hex of SHA-256 over the UTF-8 of `text`. Injected, so that this package runs on every platform. */
export type Sha256 = (text: string) => string

/** A record with its canonical texts: `text` of all of it, `contentText` of its content (what the rules compare). */
export type CanonicalRecord<T> = { readonly record: T; readonly text: string; readonly contentText: string }

// Fields about a record's life cycle rather than about the observation: they may change without changing its content.
const NOT_CONTENT = { status: undefined, updatedAt: undefined, correction: undefined }

/**
 * Canonical JSON (RFC 8785): two values have the same text exactly when they are the same JSON.
 *
 * @throws TypeError if the value is not JSON; Error for NaN, infinity, a lone surrogate or a cycle
 */
export function canonicalText(value: unknown): string {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError(`not a JSON value: ${typeof value}`)
  return text
}

/**
 * Both canonical texts of a record that was read by its schema. Absent and `undefined` members are the same. The
 * content's text is computed on first use: a record without a stored version never needs it.
 */
export function canonicalRecord<T extends object>(record: T): CanonicalRecord<T> {
  const inOrder = isSorted(record)
  let contentText: string | undefined
  return {
    record,
    text: recordText(record, inOrder),
    get contentText() {
      contentText ??= recordText({ ...record, ...NOT_CONTENT }, inOrder)
      return contentText
    },
  }
}

/**
 * RFC 8785 is JSON as JavaScript writes it with the names sorted, so for a tree of plain objects a sorted copy through
 * the engine's own writer gives the same text as the library in half the time; a batch has a thousand records. Names
 * that look like array indexes would not keep the copy's order: for such a record the library is used.
 *
 * @param inOrder whether the names of all members that are not `undefined` are sorted already
 */
function recordText(record: object, inOrder: boolean): string {
  if (inOrder) return JSON.stringify(record)
  const copy = sortedCopy(record)
  return copy === UNSORTABLE ? canonicalText(record) : JSON.stringify(copy)
}

/** True if every object of the tree has its names in order already, as records parsed by their schema have. */
function isSorted(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isSorted)
  let before = ''
  for (const key in value) {
    if (key <= before || !isSorted((value as Record<string, unknown>)[key])) return false
    before = key
  }
  return true
}

const UNSORTABLE = Symbol('a name that looks like an array index')

function sortedCopy(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${value} is not allowed`)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items: unknown[] = []
    for (const item of value) {
      const copy = sortedCopy(item)
      if (copy === UNSORTABLE) return UNSORTABLE
      items.push(copy)
    }
    return items
  }
  const members = value as Record<string, unknown>
  const sorted: Record<string, unknown> = {}
  // Code units are what `sort` compares by default, and what RFC 8785 sorts by.
  for (const key of Object.keys(members).sort()) {
    if (startsWithDigit(key) || key === '__proto__') return UNSORTABLE
    const copy = sortedCopy(members[key])
    if (copy === UNSORTABLE) return UNSORTABLE
    sorted[key] = copy
  }
  return sorted
}

const startsWithDigit = (key: string): boolean => {
  const first = key.charCodeAt(0)
  return first >= 48 && first <= 57
}
