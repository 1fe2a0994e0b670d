import { type AuditChange, canonicalText } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import type { PlaybookVersion, WorkspaceState } from '../state/workspace-state.ts'
import { isSame } from './equality.ts'

/** G6: the versions of each playbook follow each other without gap or fork, each made by exactly one accepted patch. */
export function linearPlaybooks(state: WorkspaceState): string[] {
  const audited = state.audit.flatMap(({ chg }) => chg).filter(({ type }) => type === 'playbook')
  const byPlaybook = Map.groupBy(state.versions, ({ document }) => document.playbookId)
  return [...byPlaybook].flatMap(([playbookId, versions]) => [
    ...versions.flatMap((version, i) => versionFindings(state, audited, version, versions[i - 1])),
    ...(isSame(versions.at(-1)?.document, state.playbooks.get(playbookId))
      ? []
      : [`the last version of ${playbookId} is not the active one`]),
  ])
}

function versionFindings(
  { patches }: WorkspaceState,
  audited: readonly AuditChange[],
  { patchId, document }: PlaybookVersion,
  before: PlaybookVersion | undefined,
): string[] {
  const name = `version ${document.version} of ${document.playbookId}`
  if (!before) return patchId === null ? [] : [`${name} is the first and was made by a patch`]
  const made = patches.filter(
    (each) =>
      each.outcome === 'applied' && each.patch.patchId === patchId && each.newVersion === document.version,
  )
  const after = sha256(canonicalText(document))
  const changes = audited.filter((each) => each.after === after)
  return [
    ...(document.version === before.document.version + 1
      ? []
      : [`${name} follows version ${before.document.version}`]),
    ...(made.length === 1 ? [] : [`${name} was made by ${made.length} accepted patches`]),
    ...(changes.length === 1 ? [] : [`${name} has ${changes.length} audit entries`]),
  ]
}
