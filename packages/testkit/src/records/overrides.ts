/** Fields of a record to set; `undefined` leaves an optional field out. */
export type Overrides<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** `base` with `overrides` laid over it, key by key at the top level. */
export function overridden<T extends object>(base: T, overrides: Overrides<T>): T {
  const merged: Overrides<T> = { ...base, ...overrides }
  // Only optional fields are typed to take `undefined` from a well-typed caller; a dropped key is then still a T.
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)) as T
}
