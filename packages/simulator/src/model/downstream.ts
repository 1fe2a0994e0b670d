import { type Downstream, isStartCursor, type Observation, type Recommendation } from '@fieldsync/contracts'
import { canonicalText } from '@fieldsync/domain'

import type { ModelWorkspace } from './model-state.ts'
import { stateHashOf } from './model-workspace.ts'
import type { ModelBuild } from './read-call.ts'

type Entry = { position: number; observation?: Observation; recommendation?: Recommendation }

/**
 * What changed behind a position, and where the next page begins (CUR-3, CUR-4, DWN rules).
 *
 * @param after position of the caller's cursor
 * @param around the caller's own writes: the head before them, and where they end, before what the server has added
 * @param most records and bytes of one page, and the hash on the last one
 */
export function downstreamOf(
  workspace: ModelWorkspace,
  after: number,
  { before, ownEnd }: { before: number; ownEnd: number },
  most: { records: number; bytes: number; stateHash: ModelBuild['stateHash'] },
): { next: number; downstream: Downstream } {
  const due = entriesOf(workspace).filter(({ position }) => position > after && position <= before)
  const page = firstPage(due, most)
  const isCut = page.length < due.length
  const hasMore = isCut || ownEnd < workspace.log.length
  const next = isCut ? (page.at(-1)?.position ?? after) : ownEnd

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
  const stateHash = hasMore ? undefined : most.stateHash(stateHashOf(workspace))
  const downstream = {
    playbook: { playbookId, version, updatedAt },
    observations: page.flatMap(({ observation }) => observation ?? []),
    recommendations: page.flatMap(({ recommendation }) => recommendation ?? []),
    hasMore,
    ...(playbooks.length > 0 && { playbooks }),
    ...(deleted.length > 0 && { deleted }),
    ...(stateHash !== undefined && { stateHash }),
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

/** The cursor of a position: it carries the identity of the entry there, so that another branch refuses it (CUR-6). */
export const cursorOf = ({ workspaceId, log }: ModelWorkspace, position: number): string =>
  `model ${workspaceId} ${position} ${log[position - 1] ?? 'none'}`

/** The cursor of a page with more behind it: with the head's, since the page shows the log as it was up to there. */
export const pageCursorOf = (
  workspace: ModelWorkspace,
  position: number,
  head = workspace.log.length,
): string => `${cursorOf(workspace, position)} of ${head} ${workspace.log[head - 1] ?? 'none'}`

/** The position a cursor stands for; undefined for one that this history did not give out (CUR-2, CUR-5). */
export function positionOf(workspace: ModelWorkspace, cursor: string): number | undefined {
  if (isStartCursor(cursor)) return 0
  const [, position, head] = /^model \S+ (\d+) \d+(?: of (\d+) \d+)?$/.exec(cursor) ?? []
  const genuine =
    head === undefined
      ? cursorOf(workspace, Number(position))
      : pageCursorOf(workspace, Number(position), Number(head))
  return cursor === genuine ? Number(position) : undefined
}
