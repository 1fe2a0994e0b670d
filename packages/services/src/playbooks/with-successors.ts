import type { Playbook, WorkspaceId } from '@fieldsync/contracts'
import type { Queryable, WorkspaceWrite } from '@fieldsync/db'
import { type AuditChange, canonicalText, combineDigests } from '@fieldsync/domain'

import { addSuccessors, recomputeJobs } from '../sync/add-successors.ts'
import { BatchDecisions } from '../sync/decision.ts'
import { planWrite } from '../sync/plan-write.ts'
import { NOTHING_STORED, workingSetOf } from '../sync/working-set.ts'

/** A published version as rows of the log: the first of its positions. */
type VersionRows = Partial<WorkspaceWrite> & Pick<WorkspaceWrite, 'positions' | 'stateDelta'>

type Published = {
  readonly connection: Queryable
  readonly workspaceId: WorkspaceId
  readonly now: Date
  /** The version before; undefined for a playbook that is new. */
  readonly before: Playbook | undefined
  readonly after: Playbook
  /** The patch that it was made by; null for none. */
  readonly patchId: string | null
  readonly rows: VersionRows
}

/**
 * The rows of a published version, with the successors that follow from it (REC-16), and their changes for the audit. Under the
 * workspace's lock, so nothing that was read can have changed by the time of the write.
 */
export async function withSuccessors(
  published: Published,
): Promise<{ rows: VersionRows; changes: readonly AuditChange[] }> {
  const { connection, workspaceId, now, before, after, patchId, rows } = published
  if (!before) return { rows, changes: [] }
  const set = workingSetOf(NOTHING_STORED)
  const text = canonicalText(after)
  const { playbookId, version } = after
  set.playbooks.set(playbookId, {
    document: after,
    text,
    revision: before.version,
    changed: true,
    retired: false,
    fourEyes: false,
  })
  const decisions = new BatchDecisions()
  if (patchId !== null) decisions.versions.push({ playbookId, version, patchId, paths: [], text })
  const { unfinished } = await addSuccessors({ connection, workspaceId, now, set, decisions })
  const jobs = recomputeJobs(workspaceId, unfinished)
  if (decisions.byServer === 0) return { rows: { ...rows, jobs }, changes: [] }
  const { newRecommendations, newRecommendationDocuments, positions, stateDelta } = planWrite(set, decisions)
  const deltas = [rows.stateDelta, stateDelta].filter((each) => each !== null)
  return {
    rows: {
      ...rows,
      jobs,
      newRecommendations,
      newRecommendationDocuments,
      positions,
      stateDelta: combineDigests(...deltas),
    },
    changes: decisions.changes,
  }
}
