import type { WorkspaceId } from '@fieldsync/contracts'
import { inTransaction, lockWorkspace } from '@fieldsync/db'
import type { ChainHead } from '@fieldsync/domain'

import type { AdminContext } from '../core/context.ts'
import { mapUnavailable } from '../core/verb.ts'
import { commitAsSystem, requireWorkspace } from '../write/admin-context.ts'
import { ACKNOWLEDGE, contradictionsOf, unacknowledged } from './contradictions.ts'

/**
 * Acknowledges checkpoints of rows that a restore has lost, with the reason, in the chain itself: from then on they are
 * reported as a lost branch that is known, and new checkpoints are written (AUD-14).
 *
 * @param checkpoints those in question; what the chain does not contradict, or is acknowledged, needs nothing
 * @returns the ones that are acknowledged now
 * @throws ServiceError NOT_FOUND, UNAVAILABLE
 */
export async function acknowledgeLostBranch(call: {
  ctx: AdminContext
  input: { workspaceId: WorkspaceId; checkpoints: readonly ChainHead[]; reason: string }
}): Promise<readonly ChainHead[]> {
  const { ctx, input } = call
  const { workspaceId, checkpoints, reason } = input
  return await mapUnavailable(async () => {
    await requireWorkspace(ctx.runtime, workspaceId)
    return await inTransaction(ctx.runtime.db, async (connection) => {
      await lockWorkspace(connection, workspaceId)
      const contradictions = await contradictionsOf(ctx, workspaceId, checkpoints)
      const lost = (await unacknowledged(ctx, workspaceId, contradictions)).map(
        ({ checkpoint }) => checkpoint,
      )
      if (lost.length === 0) return []
      await commitAsSystem(connection, ctx, workspaceId, {
        action: ACKNOWLEDGE,
        at: ctx.clock.now(),
        target: { type: 'auditChain', id: workspaceId },
        reason,
        changes: lost.map(({ seq, hash }) => ({
          type: 'checkpoint',
          id: String(seq),
          kind: 'lost',
          before: hash,
          after: null,
        })),
      })
      return lost
    })
  })
}
