import { isJsonObject, ownMember } from './pointer.ts'

/** What happens at one place of a document: a value appears, goes, or becomes another one. */
export type DocumentChange = {
  /** Segments of the JSON Pointer to the value. */
  readonly path: readonly string[]
  readonly kind: 'create' | 'delete' | 'edit'
}

/**
 * Every place at which two JSON documents differ, as deep as they can be compared: members of objects by name, items of
 * arrays by index. What appears or goes as a whole is one change. A container that becomes a value of another kind is deleted
 * and created: who may only edit what is inside may not replace it.
 */
export function documentChanges(before: unknown, after: unknown): DocumentChange[] {
  const found: DocumentChange[] = []
  compare(before, after, [], found)
  return found
}

function compare(before: unknown, after: unknown, path: readonly string[], found: DocumentChange[]): void {
  if (before === after) return
  if (before === undefined) found.push({ path, kind: 'create' })
  else if (after === undefined) found.push({ path, kind: 'delete' })
  else if (Array.isArray(before) && Array.isArray(after)) {
    const longer: readonly unknown[] = before.length > after.length ? before : after
    for (const i of longer.keys()) compare(before[i], after[i], [...path, String(i)], found)
  } else if (isJsonObject(before) && isJsonObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      compare(ownMember(before, key), ownMember(after, key), [...path, key], found)
  } else if (isContainer(before) || isContainer(after)) {
    found.push({ path, kind: 'delete' }, { path, kind: 'create' })
  } else found.push({ path, kind: 'edit' })
}

const isContainer = (value: unknown): boolean => typeof value === 'object' && value !== null
