import type { WorkspaceId } from '@fieldsync/contracts'
import { deleteAuditTerms, deletePruned, inTransaction, lockWorkspace, storeBeginning } from '@fieldsync/db'
import { type AuditBody, auditTerms, type ChainHead } from '@fieldsync/domain'

import type { AdminContext } from '../core/context.ts'
import { sha256 } from '../core/json-text.ts'
import { ServiceError } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { commitAsSystem, systemContext } from '../write/admin-context.ts'
import { beginningOf, PRUNE } from './beginning.ts'
import { verifyAudit } from './verify.ts'

/** The lock that keeps writes out is held for as long as this takes. */
const ROWS_AT_ONCE = 500

const LAST = `SELECT e.seq, e.hash FROM audit_entries e
  JOIN unnest($2::bigint[], $3::text[]) AS c(seq, hash) ON c.seq = e.seq AND c.hash = e.hash
  WHERE e.workspace_id = $1 AND e.at < $4 ORDER BY e.seq DESC LIMIT 1`

/**
 * Removes the rows of an audit chain up to its last checkpoint before an instant, which becomes its beginning, and says so in the
 * chain (AUD-21). A chain that does not verify is left as it is. After an interruption the same call goes on.
 *
 * @param call.ctx on a connection of the tables' owner
 * @param call.input.checkpoints signed ones of this chain, of which the rows are kept elsewhere
 * @returns where the chain begins now, and how many rows were removed
 * @throws ServiceError NOT_FOUND, CONFLICT (no such checkpoint, a broken chain), UNAVAILABLE
 */
export async function pruneAudit(call: {
  ctx: AdminContext
  input: {
    workspaceId: WorkspaceId
    before: Date
    checkpoints: readonly ChainHead[]
    onProgress?: (rows: number) => void
  }
}): Promise<{ beginning: ChainHead; rows: number }> {
  const { ctx, input } = call
  const { before, checkpoints, workspaceId } = input
  const verdict = await verifyAudit({
    ctx: await systemContext(ctx, workspaceId),
    input: { witnesses: checkpoints },
  })
  if (!verdict.ok)
    throw new ServiceError('CONFLICT', `The chain is broken, and nothing is removed: ${verdict.reason}.`)
  return await mapUnavailable(async () => {
    const current = await beginningOf(ctx, workspaceId)
    const wanted = await lastCheckpoint(ctx, workspaceId, checkpoints, before)
    const beginning = wanted && wanted.seq > current.seq ? wanted : current
    if (beginning.seq === 0)
      throw new ServiceError(
        'CONFLICT',
        'There is no checkpoint of a row before that time: nothing is removed.',
      )
    if (beginning !== current) await moveBeginning(ctx, workspaceId, beginning)
    let rows = 0
    for (let removed = -1; removed !== 0;) {
      removed = await removeSome(ctx, workspaceId)
      rows += removed
      input.onProgress?.(rows)
    }
    return { beginning, rows }
  })
}

async function lastCheckpoint(
  { runtime }: AdminContext,
  workspaceId: WorkspaceId,
  checkpoints: readonly ChainHead[],
  before: Date,
): Promise<ChainHead | undefined> {
  const { rows } = await runtime.db.pool.query<{ seq: string; hash: string }>(LAST, [
    workspaceId,
    checkpoints.map(({ seq }) => seq),
    checkpoints.map(({ hash }) => hash),
    before,
  ])
  return rows[0] && { seq: Number(rows[0].seq), hash: rows[0].hash }
}

/** From then on the rows before count for nothing, also while they are still there. */
const moveBeginning = (ctx: AdminContext, workspaceId: WorkspaceId, beginning: ChainHead): Promise<void> =>
  inTransaction(ctx.runtime.db, async (connection) => {
    await lockWorkspace(connection, workspaceId)
    await commitAsSystem(connection, ctx, workspaceId, {
      action: PRUNE,
      at: ctx.clock.now(),
      target: { type: 'auditChain', id: workspaceId },
      changes: [
        {
          type: 'checkpoint',
          id: String(beginning.seq),
          kind: 'beginning',
          before: beginning.hash,
          after: null,
        },
      ],
    })
    await storeBeginning(connection, workspaceId, beginning)
  })

const removeSome = ({ runtime }: AdminContext, workspaceId: WorkspaceId): Promise<number> =>
  inTransaction(runtime.db, async (connection) => {
    const removed = await deletePruned(connection, workspaceId, ROWS_AT_ONCE)
    const terms = removed.flatMap(({ at, body, seq }) =>
      auditTerms(JSON.parse(body) as AuditBody, sha256).map((each) => ({ ...each, at, seq })),
    )
    await deleteAuditTerms(connection, workspaceId, terms)
    return removed.length
  })
