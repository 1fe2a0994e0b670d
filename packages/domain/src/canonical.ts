import canonicalize from 'canonicalize'

/** Lower-case hex of SHA-256 over the UTF-8 of `text`. Injected, so that this package runs on every platform. */
export type Sha256 = (text: string) => string

/** A record with its canonical texts: `text` of all of it, `contentText` of its content (what the rules compare). */
export type CanonicalRecord<T> = { record: T; text: string; contentText: string }

// What is about a record's life rather than about what was seen: these may change without changing its content.
const NOT_CONTENT: ReadonlySet<string> = new Set(['status', 'updatedAt', 'correction'])

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

/** Both canonical texts of a record, each member written once. Absent and `undefined` members are the same. */
export function canonicalRecord<T extends object>(record: T): CanonicalRecord<T> {
  let all = ''
  let content = ''
  // RFC 8785 sorts names by UTF-16 code units, as `<` compares them.
  for (const [key, value] of Object.entries(record).sort(byName)) {
    if (value === undefined) continue
    const member = `,${canonicalText(key)}:${canonicalText(value)}`
    all += member
    if (!NOT_CONTENT.has(key)) content += member
  }
  return { record, text: `{${all.slice(1)}}`, contentText: `{${content.slice(1)}}` }
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)
