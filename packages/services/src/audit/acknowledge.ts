import type { AcknowledgedLoss, AcknowledgeLossInput, WorkspaceId } from '@fieldsync/contracts'
import { inTransaction, lockWorkspace } from '@fieldsync/db'
import type { AuditChange, ChainHead } from '@fieldsync/domain'

import type { AdminContext, ServiceContext } from '../core/context.ts'
import { JsonText, type Replayable } from '../core/json-text.ts'
import type { ServiceError } from '../core/service-error.ts'
import { mapUnavailable, verb } from '../core/verb.ts'
import { commitAsSystem, requireWorkspace } from '../write/admin-context.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { ACKNOWLEDGE, contradictionsOf, unacknowledged } from './contradictions.ts'
import { reportedCheckpoints } from './reported-checkpoints.ts'

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
      const lost = await lostOf(ctx, workspaceId, checkpoints)
      if (lost.length === 0) return []
      await commitAsSystem(connection, ctx, workspaceId, {
        action: ACKNOWLEDGE,
        at: ctx.clock.now(),
        target: { type: 'auditChain', id: workspaceId },
        reason,
        changes: lost.map(asChange),
      })
      return lost
    })
  })
}

/**
 * The same by an admin of the workspace: what the server's stores have, and what devices report (AUD-14).
 * @throws ServiceError IDEMPOTENCY_CONFLICT, UNAVAILABLE
 */
export const acknowledgeLoss = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    input: AcknowledgeLossInput
  }): Promise<Replayable<AcknowledgedLoss> | ServiceError> => {
    const { ctx, input } = call
    const { workspaceId } = ctx.actor
    const { checkpoints } = ctx.runtime
    const reported = await reportedCheckpoints(ctx, workspaceId, checkpoints?.verifierKeys ?? [])
    const known = [
      ...reported.flatMap(({ checkpoint }) => checkpoint ?? []),
      ...((await checkpoints?.stored(workspaceId)) ?? []),
    ]
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'audit.acknowledgeLoss',
        action: ACKNOWLEDGE,
        target: { type: 'auditChain', id: workspaceId },
        input,
        at: ctx.clock.now(),
        reason: input.reason,
      },
      async () => {
        const lost = await lostOf(ctx, workspaceId, known)
        const answer = JSON.stringify({ checkpoints: lost.map(({ seq, hash }) => ({ seq, hash })) })
        return lost.length === 0 ? { asItIs: answer } : { answer, changes: lost.map(asChange) }
      },
    )
    if ('refusal' in result) return result.refusal
    checkpoints?.acknowledged(workspaceId)
    return { document: new JsonText(result.response), replayed: result.replayed }
  },
)

/** Those that the chain contradicts and no entry acknowledges, each once. */
async function lostOf(
  ctx: Pick<AdminContext, 'runtime'>,
  workspaceId: WorkspaceId,
  checkpoints: readonly ChainHead[],
): Promise<ChainHead[]> {
  const contradictions = await contradictionsOf(ctx, workspaceId, checkpoints)
  const open = await unacknowledged(ctx, workspaceId, contradictions)
  return [
    ...new Map(open.map(({ checkpoint: { seq, hash } }) => [`${seq} ${hash}`, { seq, hash }])).values(),
  ].toSorted((one, other) => other.seq - one.seq)
}

const asChange = ({ seq, hash }: ChainHead): AuditChange => ({
  type: 'checkpoint',
  id: String(seq),
  kind: 'lost',
  before: hash,
  after: null,
})
