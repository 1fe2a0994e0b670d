import type pg from 'pg'

import type { Queryable } from '../connection/queryable.ts'
import type { ReadReplicas } from './read-replicas.ts'

/** Of a database. */
type Sources = { readonly pool: pg.Pool; readonly replicas?: ReadReplicas | undefined }

const END = 'SELECT audit_seq::float8 AS seq, audit_hash AS hash FROM workspace_heads WHERE workspace_id = $1'

/**
 * Reads what a workspace has, all that was committed before the call included (REP-2): from a replica where one has it, from the
 * primary otherwise. Without replicas it costs nothing.
 * @param work runs once more, at the primary, where a replica has failed
 * @param options.indexed the work reads the index of the audit, which is filled apart from the chain
 * @throws what `work` throws
 */
export async function readCurrent<T>(
  { pool, replicas }: Sources,
  workspaceId: string,
  work: (source: Queryable) => Promise<T>,
  options?: { readonly indexed: boolean },
): Promise<T> {
  if (!replicas) return await work(pool)
  if (!replicas.current) {
    replicas.reads.unused++
    return await work(pool)
  }
  const { rows } = await pool.query<{ seq: number; hash: string }>({
    name: 'workspace_end',
    text: END,
    values: [workspaceId],
  })
  const [end] = rows
  const read = end && (await replicas.read({ workspaceId, ...end }, work, options))
  return read ? read.result : await work(pool)
}
