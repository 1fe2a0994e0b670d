import type { Breach } from '../entities/validation-issue.ts'
import { isStorableText, MAX_INNER_ARRAY } from '../text.ts'
import { pointerTo } from './pointer.ts'

/** Deepest nesting of a request body; the body itself is level 1 (SHP-6). */
export const MAX_JSON_DEPTH = 64
/** Maximum keys of any object in a request; no shape comes near it. */
export const MAX_OBJECT_KEYS = 1000

type Found = Omit<Breach, 'path'> & { at: (string | number)[] }

/**
 * First violation of the bounds that apply to every JSON value of a request: nesting, array length, number of keys, and
 * text that can be stored. Runs before any schema, because a schema's own work (and its list of issues) grows with the
 * input: an array of a million wrong elements would cost a million issues.
 *
 * @param level nesting level of `value` in the body
 */
export function structureBreach(
  value: unknown,
  path: readonly (string | number)[],
  level: number,
): Breach | undefined {
  const found = firstBreach(value, level)
  if (!found) return undefined
  const { at, ...breach } = found
  return { path: pointerTo([...path, ...at]), ...breach }
}

function firstBreach(value: unknown, level: number): Found | undefined {
  if (typeof value === 'string') {
    return isStorableText(value) ? undefined : unstorable('must be valid Unicode without NUL')
  }
  if (typeof value !== 'object' || value === null) return undefined
  if (level > MAX_JSON_DEPTH) {
    const message = `is nested deeper than ${MAX_JSON_DEPTH} levels`
    return { at: [], message, code: 'too_deep', bound: MAX_JSON_DEPTH }
  }
  if (Array.isArray(value)) {
    if (value.length > MAX_INNER_ARRAY) {
      const message = `must have at most ${MAX_INNER_ARRAY} items`
      return { at: [], message, code: 'list_long', bound: MAX_INNER_ARRAY }
    }
    for (const [i, item] of value.entries()) {
      const breach = firstBreach(item, level + 1)
      if (breach) return { ...breach, at: [i, ...breach.at] }
    }
    return undefined
  }
  const keys = Object.keys(value)
  if (keys.length > MAX_OBJECT_KEYS) {
    const message = `must have at most ${MAX_OBJECT_KEYS} keys`
    return { at: [], message, code: 'too_many_keys', bound: MAX_OBJECT_KEYS }
  }
  for (const key of keys) {
    if (!isStorableText(key)) return unstorable('has a key that is not valid Unicode without NUL')
    // Refused here because a schema with free keys (a record, any JSON) would drop it silently (SHP-7).
    if (key === '__proto__') return { at: [key], message: 'is not a known key', code: 'unknown_key' }
    const breach = firstBreach((value as Record<string, unknown>)[key], level + 1)
    if (breach) return { ...breach, at: [key, ...breach.at] }
  }
  return undefined
}

const unstorable = (message: string): Found => ({ at: [], message, code: 'unstorable_text' })
