import type { WorkspaceState } from '../state/workspace-state.ts'

/** G2: nothing was applied a second time, however often it came. */
export function exactlyOnce({ patches, corrections, audit, log }: WorkspaceState): string[] {
  const changes = audit.flatMap(({ chg }) => chg)
  return [
    ...repeated(
      patches.filter(({ outcome }) => outcome === 'applied').map(({ patch }) => `patch ${patch.patchId}`),
    ),
    ...repeated(corrections.map((each) => `correction ${each.correctionId} of ${each.observationId}`)),
    ...repeated(
      changes.filter(({ kind }) => kind === 'create').map(({ type, id }) => `creation of ${type} ${id}`),
    ),
    ...repeated(log.map((key) => `place of ${key} in the log`)),
    ...changes
      .filter(({ kind, before, after }) => kind !== 'refused' && before === after)
      .map(({ type, id }) => `a change of ${type} ${id} changed nothing`),
  ]
}

function repeated(names: readonly string[]): string[] {
  const counts = Map.groupBy(names, (name) => name)
  return [...counts]
    .filter(([, all]) => all.length > 1)
    .map(([name, all]) => `${name} happened ${all.length} times`)
}
