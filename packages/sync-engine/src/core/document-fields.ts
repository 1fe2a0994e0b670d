import { formatPointer, parsePointer } from '@fieldsync/domain'

/** Values of a document by JSON Pointer. None lies inside an array, and none inside another. */
export type FieldValues = Readonly<Record<string, StoredValue>>

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Fields that `whole` has and `part` lacks, at any depth of objects; an array counts as one value. */
export function fieldsMissing(whole: object, part: object, above: readonly string[] = []): FieldValues {
  const missing: Record<string, StoredValue> = {}
  for (const [name, value] of Object.entries(whole)) {
    if (value === undefined) continue
    const there = Object.hasOwn(part, name) ? (part as Json)[name] : undefined
    // A document is JSON: it came out of one, or is stored as one.
    if (there === undefined) missing[formatPointer([...above, name])] = value as StoredValue
    else if (isObject(value) && isObject(there)) {
      Object.assign(missing, fieldsMissing(value, there, [...above, name]))
    }
  }
  return missing
}

/** The document without these fields: the same object where it has none of them. */
export const withoutFields = <D extends object>(document: D, pointers: readonly string[]): D =>
  pointers.reduce((left, pointer) => without(left, segmentsOf(pointer)), document)

function without<D extends object>(document: D, [name, ...below]: readonly string[]): D {
  if (name === undefined || !Object.hasOwn(document, name)) return document
  const value = (document as Json)[name]
  if (below.length === 0) {
    const { [name]: _left, ...rest } = document as Json
    // Optional fields alone are taken out.
    return value === undefined ? document : (rest as D)
  }
  if (!isObject(value)) return document
  const inner = without(value, below)
  return inner === value ? document : { ...document, [name]: inner }
}

/** The document with these fields where it has none of its own, and the object that each lies in. */
export const withFields = <D extends object>(document: D, fields: FieldValues): D =>
  Object.entries(fields).reduce(
    (done, [pointer, value]) => within(done, segmentsOf(pointer), value),
    document,
  )

function within<D extends object>(document: D, [name, ...below]: readonly string[], field: StoredValue): D {
  if (name === undefined) return document
  const value = Object.hasOwn(document, name) ? (document as Json)[name] : undefined
  if (below.length === 0) return value === undefined ? { ...document, [name]: field } : document
  if (!isObject(value)) return document
  const inner = within(value, below, field)
  return inner === value ? document : { ...document, [name]: inner }
}

const segmentsOf = (pointer: string): string[] => parsePointer(pointer) ?? []

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
