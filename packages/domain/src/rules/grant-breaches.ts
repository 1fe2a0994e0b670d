import type { PatchOperation, Playbook } from '@fieldsync/contracts'

import {
  changesOfPatch,
  changeText,
  type PlaybookGrant,
  type UncoveredChange,
  uncoveredChanges,
} from '../access/playbook-grant.ts'
import { groupBy } from '../group-by.ts'
import { formatPointer } from '../json-patch/pointer.ts'
import { breachAt, type PatchBreach } from './patch-breach.ts'

/**
 * What a patch changes without a grant: one breach for each operation concerned, about the first of its places, and with the
 * instant where a grant would cover it that is not in force (PCH-7, GRA-1, GRA-5).
 *
 * @param after the document that the operations make
 */
export function grantBreaches(
  { playbookId, ...before }: Playbook,
  after: unknown,
  operations: readonly PatchOperation[],
  { grants, at }: { readonly grants: readonly PlaybookGrant[]; readonly at: Date },
): PatchBreach[] {
  // Where the result is no object at all, editable paths have refused it.
  if (typeof after !== 'object' || after === null) return []
  const uncovered = uncoveredChanges(grants, playbookId, changesOfPatch({ playbookId, ...before }, after), at)
  const placed = uncovered.map((change) => ({ change, ...operationOf(operations, change) }))
  return [...groupBy(placed, ({ path }) => path).values()].flatMap(([first, ...others]) => {
    if (!first) return []
    const { change, path, pointer } = first
    const further = others.length === 0 ? '' : ` (and ${others.length} more)`
    return [
      {
        path,
        pointer,
        message: `${changeText(change)}: ${reason(change, at)}${further}`,
        code: 'not_granted',
      },
    ]
  })
}

/** An operation that adds or removes an item of a list moves those behind it: their places are its work too. */
function operationOf(
  operations: readonly PatchOperation[],
  change: UncoveredChange,
): { path: string; pointer: string } {
  const pointer = formatPointer(change.path)
  const at = breachAt(operations, { path: pointer, message: '', code: 'not_granted' })
  if (at.path !== '/operations') return { path: at.path, pointer }
  const moving = operations.findLastIndex(
    ({ op, path }) => op !== 'replace' && `${pointer}/`.startsWith(path.slice(0, path.lastIndexOf('/') + 1)),
  )
  return { path: moving < 0 ? at.path : `/operations/${moving}`, pointer }
}

function reason({ outOfForce }: UncoveredChange, at: Date): string {
  if (!outOfForce) return 'is not granted to you'
  const { notBefore, expiresAt } = outOfForce
  return notBefore !== null && at < notBefore
    ? `your grant begins at ${notBefore.toISOString()}`
    : `your grant ended at ${expiresAt?.toISOString() ?? ''}`
}
