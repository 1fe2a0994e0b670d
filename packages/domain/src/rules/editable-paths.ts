import type { Playbook } from '@fieldsync/contracts'

import { APPEND, isJsonObject, ownMember, parsePointer } from '../json-patch/pointer.ts'

/** True if the value at these segments may be edited. */
export type IsEditable = (path: readonly string[]) => boolean

/**
 * Where a playbook may be edited: a path that is within one of its rules, and equals or is below one of that rule's
 * `editablePaths`, by segment (PCH-7, PCH-10). Read from the stored version, so that a patch cannot widen its own
 * bounds (PCH-11).
 */
export function editablePaths({ rules }: Pick<Playbook, 'rules'>): IsEditable {
  const byRule = new Map<string | undefined, readonly string[][]>(
    Object.entries(rules).map(([ruleId, rule]) => [
      ruleId,
      rule.editablePaths.map(parsePointer).filter((editable) => editable !== undefined),
    ]),
  )
  return (path) => {
    const [top, ruleId] = path
    if (top !== 'rules') return false
    return (byRule.get(ruleId) ?? []).some((editable) => editable.every((segment, i) => path[i] === segment))
  }
}

/**
 * The changes between two documents outside editable paths; what is absent in one of them is undefined. An operation on an editable array item can shift the items
 * after it, which only a comparison of the whole result shows.
 */
export function changesOutside(
  isEditable: IsEditable,
  before: unknown,
  after: unknown,
  at: string[] = [],
): string[][] {
  if (before === after || isEditable(at)) return []
  if (Array.isArray(before) && Array.isArray(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, i) => {
      const isAppended = i >= before.length && isEditable([...at, APPEND])
      return isAppended ? [] : changesOutside(isEditable, before[i], after[i], [...at, String(i)])
    }).flat()
  }
  if (isJsonObject(before) && isJsonObject(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      changesOutside(isEditable, ownMember(before, key), ownMember(after, key), [...at, key]),
    )
  }
  return [at]
}
