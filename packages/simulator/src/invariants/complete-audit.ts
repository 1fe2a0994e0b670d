import { type AuditChange, canonicalText } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import type { WorkspaceState } from '../state/workspace-state.ts'

/**
 * G8: the rows are numbered without a gap, the changes of each record lead from nothing to what is held now, and every
 * attempt to patch has its entry. That the chain verifies is for `verifyChain` to say.
 */
export function completeAudit(state: WorkspaceState): string[] {
  const changes = state.audit.flatMap(({ chg }) => chg)
  const byRecord = Map.groupBy(changes, ({ type, id }) => `${type}/${id}`)
  const count = (kind: string) => changes.filter((each) => each.kind === kind).length
  const attempts = (outcome: string) => state.patches.filter((each) => each.outcome === outcome).length
  const gap = state.audit.findIndex(({ seq }, i) => seq !== i + 1)
  return [
    ...(gap < 0 ? [] : [`audit row ${gap + 1} is missing`]),
    ...state.log.flatMap((key) => historyFindings(key, byRecord.get(key) ?? [], textOf(state, key))),
    ...(count('patch') === attempts('applied') ? [] : ['not every accepted patch has one audit entry']),
    ...(count('refused') === attempts('rejected') ? [] : ['not every refused patch has one audit entry']),
    ...(count('correct') <= state.corrections.length ? [] : ['a correction is not in the history']),
  ]
}

function historyFindings(key: string, history: readonly AuditChange[], text: string | undefined): string[] {
  const broken = history.findIndex(({ before }, i) => before !== (history[i - 1]?.after ?? null))
  const held = text === undefined ? null : sha256(text)
  return [
    ...(broken < 0 ? [] : [`change ${broken + 1} of ${key} does not begin where the one before ended`]),
    ...(history.at(-1)?.after === held ? [] : [`the last change of ${key} does not lead to what is held`]),
  ]
}

function textOf(
  { observations, recommendations, playbooks }: WorkspaceState,
  key: string,
): string | undefined {
  const id = key.slice(key.indexOf('/') + 1)
  const record = observations.get(id)?.record ?? recommendations.get(id)?.record ?? playbooks.get(id)
  return record && canonicalText(record)
}
