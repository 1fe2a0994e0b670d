import { canonicalText } from '../canonical.ts'
import { formatPointer, isJsonObject, type JsonObject, ownMember } from './pointer.ts'

/** Members, by JSON Pointer, that are not merged member by member. Arrays are one value unless they are a set. */
export type MergeShape = {
  /** Objects that are one value: a mix of two would be neither. */
  readonly whole: ReadonlySet<string>
  /** Arrays of texts whose order does not matter: additions and removals of either side count. */
  readonly sets: ReadonlySet<string>
}

/**
 * The merged document, and JSON Pointers of the values that both sides changed differently, where it has `mine`.
 */
export type ThreeWayMerge = { readonly document: JsonObject; readonly clashes: readonly string[] }

/**
 * Applies what `mine` changed of `base` to `theirs`, value by value. What only one side changed is taken from that
 * side, including removed and added members. Absent and `undefined` members are the same. No argument is changed.
 */
export function mergeThreeWay(
  base: JsonObject,
  mine: JsonObject,
  theirs: JsonObject,
  shape: MergeShape,
): ThreeWayMerge {
  const clashes: string[] = []
  const document = mergeObjects([], base, mine, theirs)
  return { document, clashes }

  function mergeObjects(
    at: readonly string[],
    from: JsonObject,
    ours: JsonObject,
    others: JsonObject,
  ): JsonObject {
    // The members of `theirs` keep their order, so that an unchanged record stays as it was read.
    const keys = new Set([...Object.keys(others), ...Object.keys(ours)])
    const merged: [string, unknown][] = []
    for (const key of keys) {
      const value = mergeValues(
        [...at, key],
        ownMember(from, key),
        ownMember(ours, key),
        ownMember(others, key),
      )
      if (value !== undefined) merged.push([key, value])
    }
    return Object.fromEntries(merged)
  }

  function mergeValues(at: readonly string[], from: unknown, ours: unknown, others: unknown): unknown {
    if (isSameJson(ours, from) || isSameJson(ours, others)) return others
    if (isSameJson(others, from)) return ours
    const pointer = formatPointer(at)
    if (shape.sets.has(pointer)) return mergeSets(textsOf(from), textsOf(ours), textsOf(others))
    if (isJsonObject(ours) && isJsonObject(others) && !shape.whole.has(pointer)) {
      return mergeObjects(at, isJsonObject(from) ? from : {}, ours, others)
    }
    clashes.push(pointer)
    return ours
  }
}

/** True if two JSON values are the same; `undefined` is the same as itself alone. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined) return false
  return canonicalText(a) === canonicalText(b)
}

function mergeSets(
  base: readonly unknown[],
  mine: readonly unknown[],
  theirs: readonly unknown[],
): unknown[] | undefined {
  const merged = [...theirs, ...mine].filter(
    (each, at, all) =>
      all.indexOf(each) === at &&
      // In both, or added by one of them; what one of them removed is gone.
      (base.includes(each) ? mine.includes(each) && theirs.includes(each) : true),
  )
  return merged.length > 0 ? merged : undefined
}

const textsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
