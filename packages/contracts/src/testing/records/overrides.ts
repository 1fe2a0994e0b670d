/** Fields of a record to set; `undefined` leaves an optional field out. */
export type Overrides<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** `base` with `overrides` laid over it, key by key at the top level. */
export function overridden<T extends object>(base: T, overrides: Overrides<T>): T {
  const merged: Overrides<T> = { ...base, ...overrides }
  // Only optional fields are typed to take `undefined` from a well-typed caller; a dropped key is then still a T.
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)) as T
}

/** A copy of `record` with the value at a plain JSON Pointer (no `~`) set: for inputs that no type allows. */
export const altered = (record: unknown, pointer: string, value: unknown): unknown =>
  changed(record, pointer.split('/').slice(1), (entries, key) => ({ ...entries, [key]: value }))

/** A copy of `record` with the key at a plain JSON Pointer dropped. */
export const without = (record: unknown, pointer: string): unknown =>
  changed(
    record,
    pointer.split('/').slice(1),
    ({ [pointer.slice(pointer.lastIndexOf('/') + 1)]: _gone, ...rest }) => rest,
  )

type Entries = Record<string, unknown>

function changed(
  value: unknown,
  [key, ...below]: string[],
  change: (entries: Entries, key: string) => Entries,
): unknown {
  if (key === undefined) throw new Error('the pointer must name a key')
  if (typeof value !== 'object' || value === null) throw new Error(`nothing holds ${key}`)
  const entries: Entries = { ...value }
  const next =
    below.length === 0 ? change(entries, key) : { ...entries, [key]: changed(entries[key], below, change) }
  return Array.isArray(value) ? Object.values(next) : next
}
