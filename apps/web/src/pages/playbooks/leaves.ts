import { formatPointer } from '@fieldsync/domain'

/** One plain value of a document, and where it is. */
export type Leaf = { readonly path: string; readonly segments: readonly string[]; readonly value: unknown }

/** Every plain value of a JSON document, in its order. */
export function leavesOf(document: unknown, segments: readonly string[] = []): Leaf[] {
  if (typeof document !== 'object' || document === null)
    return [{ path: formatPointer(segments), segments, value: document }]
  return Object.entries(document).flatMap(([name, value]) => leavesOf(value, [...segments, name]))
}

export type Change = {
  readonly path: string
  readonly segments: readonly string[]
  readonly before: unknown
  readonly after: unknown
}

/** What differs between two documents, value by value; undefined stands for what one of them has not. */
export function changesBetween(before: unknown, after: unknown): Change[] {
  const old = new Map(leavesOf(before).map((leaf) => [leaf.path, leaf]))
  const now = new Map(leavesOf(after).map((leaf) => [leaf.path, leaf]))
  return [...new Map([...old, ...now]).values()]
    .map(({ path, segments }) => ({
      path,
      segments,
      before: old.get(path)?.value,
      after: now.get(path)?.value,
    }))
    .filter((change) => change.before !== change.after)
}
