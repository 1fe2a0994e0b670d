/** The last segment of a pointer that appends to an array (RFC 6902, section 4.1). */
export const APPEND = '-'

const UNESCAPED: Readonly<Record<string, string>> = { '~0': '~', '~1': '/' }

/** Segments of a JSON Pointer (RFC 6901), unescaped; undefined if the text is not a pointer. `''` has none. */
export function parsePointer(pointer: string): string[] | undefined {
  if (!/^(?:\/(?:[^~/]|~[01])*)*$/.test(pointer)) return undefined
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replace(/~[01]/g, (escaped) => UNESCAPED[escaped] ?? escaped))
}

/** The canonical JSON Pointer with these segments; the inverse of {@link parsePointer}. */
export function formatPointer(segments: readonly string[]): string {
  return segments.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** An object or array of a JSON document, read as own members only: `__proto__` and the like are plain names. */
export type JsonObject = { readonly [key: string]: unknown }

/** True for a JSON object (not an array, not null). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An own member of an object; undefined if there is none, whatever its prototype has. */
export const ownMember = (object: JsonObject, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined

/** Index of an existing element, or undefined: digits without leading zeros, below `length` (RFC 6901, section 4). */
export function arrayIndex(segment: string, length: number): number | undefined {
  if (!/^(?:0|[1-9]\d*)$/.test(segment)) return undefined
  const index = Number(segment)
  return index < length ? index : undefined
}

/** The value that a pointer names, in a box, or undefined if there is none. Reads own members only. */
export function valueAt(document: unknown, segments: readonly string[]): { value: unknown } | undefined {
  let value = document
  for (const segment of segments) {
    if (Array.isArray(value)) {
      const index = arrayIndex(segment, value.length)
      if (index === undefined) return undefined
      value = value[index]
    } else if (isJsonObject(value) && Object.hasOwn(value, segment)) {
      value = value[segment]
    } else {
      return undefined
    }
  }
  return { value }
}
