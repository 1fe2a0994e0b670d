import type { WorkspaceId } from '@fieldsync/contracts'
import type { ChainHead } from '@fieldsync/domain'

import type { AdminContext } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'

/** How a chain differs from a checkpoint of it. */
export type Contradiction = {
  readonly checkpoint: ChainHead
  /** `cut`: the chain ends before it · `rewritten`: the row of this number has another hash. */
  readonly kind: 'cut' | 'rewritten'
}

const AT = `SELECT c.seq::text AS seq, c.hash,
    CASE WHEN c.seq > h.audit_seq THEN 'cut' WHEN c.seq < b.seq THEN NULL
      WHEN (CASE WHEN c.seq = b.seq THEN b.hash ELSE e.hash END) IS DISTINCT FROM c.hash THEN 'rewritten' END AS kind
  FROM unnest($2::bigint[], $3::text[]) WITH ORDINALITY AS c(seq, hash, place)
  CROSS JOIN (SELECT audit_seq FROM workspace_heads WHERE workspace_id = $1) h
  LEFT JOIN audit_entries e ON e.workspace_id = $1 AND e.seq = c.seq
  LEFT JOIN audit_beginnings b ON b.workspace_id = $1
  WHERE c.seq > 0 ORDER BY place`

/**
 * The checkpoints that the chain contradicts, in the given order: in one statement, however many there are (AUD-13). Of rows that
 * were pruned nothing can be said.
 */
export async function contradictionsOf(
  { runtime }: Pick<AdminContext, 'runtime'>,
  workspaceId: string,
  checkpoints: readonly ChainHead[],
): Promise<Contradiction[]> {
  const { rows } = await mapUnavailable(() =>
    runtime.db.pool.query<{ seq: string; hash: string; kind: Contradiction['kind'] | null }>(AT, [
      workspaceId,
      checkpoints.map(({ seq }) => seq),
      checkpoints.map(({ hash }) => hash),
    ]),
  )
  return rows.flatMap(({ seq, hash, kind }) =>
    kind === null ? [] : [{ checkpoint: { seq: Number(seq), hash }, kind }],
  )
}

/** The action of the entry by which an admin acknowledges checkpoints of a branch that a restore has lost (AUD-14). */
export const ACKNOWLEDGE = 'audit.acknowledgeLostBranch'

const ACKNOWLEDGED = `SELECT body FROM audit_entries
  WHERE workspace_id = $1 AND body LIKE '{"act":"${ACKNOWLEDGE}"%'`

/** Those of the contradictions that no entry of the chain acknowledges. */
export async function unacknowledged(
  { runtime }: Pick<AdminContext, 'runtime'>,
  workspaceId: WorkspaceId | string,
  contradictions: readonly Contradiction[],
): Promise<Contradiction[]> {
  if (contradictions.length === 0) return []
  const { rows } = await mapUnavailable(() =>
    runtime.db.pool.query<{ body: string }>(ACKNOWLEDGED, [workspaceId]),
  )
  const known = new Set(
    rows.flatMap(({ body }) =>
      (JSON.parse(body) as { chg: { id: string; before: string }[] }).chg.map(
        ({ id, before }) => `${id} ${before}`,
      ),
    ),
  )
  return contradictions.filter(({ checkpoint: { seq, hash } }) => !known.has(`${seq} ${hash}`))
}

/** A contradiction in words. */
export const contradictionText = ({ kind, checkpoint: { seq } }: Contradiction): string =>
  kind === 'cut'
    ? `the chain ends before row ${seq}, of which there is a checkpoint: it was cut, or an older copy was restored`
    : `row ${seq} is not the one of its checkpoint: the chain was rewritten, or went on from an older copy`
