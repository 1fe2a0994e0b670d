/** Where two JSON values differ first, as a JSON Pointer, and what stands there in each. */
export type Difference = { at: string; one: unknown; other: unknown }

/** Members that are absent and members that are undefined are the same; a Map is as the object of its entries. */
export function firstDifference(one: unknown, other: unknown, at = ''): Difference | undefined {
  if (Object.is(one, other)) return undefined
  const [a, b] = [membersOf(one), membersOf(other)]
  if (!a || !b || Array.isArray(one) !== Array.isArray(other)) return { at, one, other }
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    const found = firstDifference(a.get(key), b.get(key), `${at}/${key}`)
    if (found) return found
  }
  return undefined
}

function membersOf(value: unknown): Map<string, unknown> | undefined {
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [String(key), each]))
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined
}
