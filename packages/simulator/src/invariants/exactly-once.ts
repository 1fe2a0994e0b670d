import type { WorkspaceState } from '../state/workspace-state.ts'

/** G2: nothing was applied a second time, however often it came; what was deleted may be written anew. */
export function exactlyOnce({ patches, corrections, audit, log }: WorkspaceState): string[] {
  const changes = audit.flatMap(({ chg }) => chg)
  const deleted = Map.groupBy(
    changes.filter(({ kind }) => kind === 'delete'),
    ({ type, id }) => `${type} ${id}`,
  )
  const times = (record: string) => 1 + (deleted.get(record)?.length ?? 0)
  return [
    ...repeated(
      patches.filter(({ outcome }) => outcome === 'applied').map(({ patch }) => `patch ${patch.patchId}`),
    ),
    ...repeated(
      corrections.map((each) => `correction ${each.correctionId} of ${each.observationId}`),
      (name) => times(`observation ${name.slice(name.lastIndexOf(' ') + 1)}`),
    ),
    ...repeated(
      changes.filter(({ kind }) => kind === 'create').map(({ type, id }) => `creation of ${type} ${id}`),
      (name) => times(name.slice('creation of '.length)),
    ),
    ...repeated(log.map((key) => `place of ${key} in the log`)),
    ...changes
      .filter(({ kind, before, after }) => kind !== 'refused' && before === after)
      .map(({ type, id }) => `a change of ${type} ${id} changed nothing`),
  ]
}

function repeated(names: readonly string[], most: (name: string) => number = () => 1): string[] {
  const counts = Map.groupBy(names, (name) => name)
  return [...counts]
    .filter(([name, all]) => all.length > most(name))
    .map(([name, all]) => `${name} happened ${all.length} times`)
}
