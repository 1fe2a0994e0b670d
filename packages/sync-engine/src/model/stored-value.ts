/** A named single value of the store; each name's shape is kept by the module that owns it. */
export type StoredValue = string | number | boolean | null | StoredValue[] | { [key: string]: StoredValue }
