import { FIELDS_SINCE } from '@fieldsync/contracts'
import { canonicalText, parsePointer, valueAt } from '@fieldsync/domain'

import { type FieldValues, type StoredValue, withFields } from './document-fields.ts'
import type { EntityDocuments, EntityType, LocalRecord } from './local-record.ts'

/**
 * What a person sees of a record, and edits: the device's own version where it has one, else the server's with what the
 * device keeps beside it (ENG-33), else what the server no longer has (ENG-41).
 */
export function shownDocument<T extends EntityType>({
  type,
  local,
  server,
  localOnly,
  withheld,
  unknown,
}: LocalRecord<T>): EntityDocuments[T] | null {
  const document = local ?? server ?? localOnly ?? null
  if (document === null) return null
  const own = withheld && (local === null || isOfVersion(local, withheld)) ? withheld.fields : undefined
  // What another build stored without knowing it, this one may know.
  const learned = local === null && unknown ? knownNow(type, unknown.fields) : undefined
  return withFields(document, { ...learned, ...own })
}

const isOfVersion = (local: object, { updatedAt }: NonNullable<LocalRecord['withheld']>): boolean =>
  'updatedAt' in local && local.updatedAt === updatedAt

function knownNow(type: EntityType, fields: FieldValues): FieldValues {
  const known = type === 'playbook' ? {} : FIELDS_SINCE[type]
  return Object.fromEntries(Object.entries(fields).filter(([pointer]) => Object.hasOwn(known, pointer)))
}

/**
 * What of the withheld fields still belongs to a record of which others made another version: not what the version
 * brings itself, nor what is said about a value that has changed.
 */
export function withheldAfter(
  { withheld, server: before }: LocalRecord,
  after: object | null,
): LocalRecord['withheld'] {
  if (!withheld || before === null || after === null) return withheld
  const fields: Record<string, StoredValue> = {}
  for (const [pointer, value] of Object.entries(withheld.fields)) {
    const segments = parsePointer(pointer) ?? []
    if (valueAt(after, segments)?.value !== undefined) continue
    const above = segments.slice(0, -1)
    if (above.length > 0 && !isSame(before, after, above)) continue
    const left = Array.isArray(value) ? value.filter((each) => stillHolds(each, before, after)) : value
    if (!Array.isArray(left) || left.length > 0) fields[pointer] = left
  }
  return Object.keys(fields).length > 0 ? { ...withheld, fields } : undefined
}

/** A list of pointers into the record says something about each value that it names, and about no other. */
const stillHolds = (item: StoredValue, before: object, after: object): boolean => {
  const segments = typeof item === 'string' ? parsePointer(item) : undefined
  return segments === undefined || segments.length === 0 || isSame(before, after, segments)
}

function isSame(before: object, after: object, segments: readonly string[]): boolean {
  const [a, b] = [before, after].map((document) => valueAt(document, segments)?.value ?? null)
  return canonicalText(a) === canonicalText(b)
}
