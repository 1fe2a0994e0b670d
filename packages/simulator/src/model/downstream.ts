import type { Downstream, Observation, Recommendation } from '@fieldsync/contracts'
import { canonicalText } from '@fieldsync/domain'

import type { ModelWorkspace } from './model-state.ts'
import { stateHashOf } from './state-hash.ts'

type Entry = { position: number; observation?: Observation; recommendation?: Recommendation }

/**
 * What changed behind a position, and where the next page begins (CUR-3, CUR-4, DWN rules).
 *
 * @param after position of the caller's cursor
 * @param before the head before the caller's own writes
 * @param most records and bytes of one page, and whether the last one has a state hash
 */
export function downstreamOf(
  workspace: ModelWorkspace,
  after: number,
  before: number,
  most: { records: number; bytes: number; stateHash: boolean },
): { next: number; downstream: Downstream } {
  const head = workspace.log.length
  const due = entriesOf(workspace).filter(({ position }) => position > after && position <= before)
  const page = firstPage(due, most)
  const hasMore = page.length < due.length
  const next = hasMore ? (page.at(-1)?.position ?? after) : head

  const changed = [...workspace.playbooks.values()].sort((a, b) => a.position - b.position)
  const active = changed.at(-1)?.document
  if (!active) throw new Error('every workspace has a playbook')
  const { playbookId, version, updatedAt } = active
  const playbooks = changed
    .filter(({ position }) => position > after && (position <= next || position > before))
    .map(({ document }) => document)
  const deleted = [...workspace.deleted.values()]
    .filter(({ position }) => position > after && position <= next)
    .map(({ tombstone }) => tombstone)
  const downstream = {
    playbook: { playbookId, version, updatedAt },
    observations: page.flatMap(({ observation }) => observation ?? []),
    recommendations: page.flatMap(({ recommendation }) => recommendation ?? []),
    hasMore,
    ...(playbooks.length > 0 && { playbooks }),
    ...(deleted.length > 0 && { deleted }),
    ...(!hasMore && most.stateHash && { stateHash: stateHashOf(workspace) }),
  }
  return { next, downstream }
}

/** Every current record once, at its newest position (DWN-4). */
function entriesOf({ observations, recommendations }: ModelWorkspace): Entry[] {
  const entries: Entry[] = [
    ...[...observations.values()].map(({ position, record }) => ({ position, observation: record })),
    ...[...recommendations.values()].map(({ position, record }) => ({ position, recommendation: record })),
  ]
  return entries.sort((a, b) => a.position - b.position)
}

/** Ends with the record that reaches a limit, so it holds at least one (DWN-1). */
function firstPage(due: readonly Entry[], most: { records: number; bytes: number }): Entry[] {
  const page: Entry[] = []
  let bytes = 0
  for (const entry of due) {
    if (page.length >= most.records || bytes >= most.bytes) break
    page.push(entry)
    bytes += Buffer.byteLength(canonicalText(entry.observation ?? entry.recommendation))
  }
  return page
}
