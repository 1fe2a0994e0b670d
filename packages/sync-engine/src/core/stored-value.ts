/**
 * A named single value of the store; each name's shape is kept by the module that owns it. A member that is undefined is
 * left out, as JSON leaves it out.
 */
export type StoredValue =
  | string
  | number
  | boolean
  | null
  | StoredValue[]
  | { [key: string]: StoredValue | undefined }
