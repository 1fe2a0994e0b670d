import type { WorkspaceState } from '../state/workspace-state.ts'
import { isSame } from './equality.ts'

/**
 * G1: what a server held it still holds, as it was or as a later write made it, or it was deleted. For two states of one history; a restore
 * from a backup begins another.
 */
export function durable(before: WorkspaceState, after: WorkspaceState): string[] {
  const since = after.audit.slice(before.audit.length).flatMap(({ chg }) => chg)
  const deleted = new Set(since.filter(({ kind }) => kind === 'delete').map(({ id }) => id))
  const kinds = ['observations', 'recommendations', 'playbooks'] as const
  return [
    ...kinds.flatMap((kind) =>
      [...before[kind].keys()]
        .filter((id) => !after[kind].has(id) && !deleted.has(id))
        .map((id) => `${id} of the ${kind} is gone`),
    ),
    ...goesOn('playbook version', before.versions, after.versions),
    ...goesOn('patch attempt', before.patches, after.patches),
    ...goesOn('correction', before.corrections, after.corrections),
    ...goesOn('audit row', before.audit, after.audit),
    ...before.conflicts
      .filter(({ conflictId }) => !after.conflicts.some((each) => each.conflictId === conflictId))
      .map(({ conflictId }) => `conflict ${conflictId} is gone`),
  ]
}

/** A list that is only ever appended to. */
function goesOn(name: string, before: readonly object[], after: readonly object[]): string[] {
  const changed = before.findIndex((each, i) => !isSame(each, after[i]))
  return changed < 0 ? [] : [`${name} ${changed + 1} is not what it was`]
}
