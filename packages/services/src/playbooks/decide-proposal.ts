import type {
  ApproveProposalInput,
  OperationName,
  Proposal,
  ProposalId,
  RejectProposalInput,
  WithdrawProposalInput,
} from '@fieldsync/contracts'
import type { Queryable, WorkspaceWrite } from '@fieldsync/db'
import type { AuditChange } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import type { Replayable } from '../core/json-text.ts'
import { forbidden, notFound, publishingConflict, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite, type Changed } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'
import { approval } from './approval.ts'
import { refusalToChange } from './may-publish.ts'
import { isPerson, personOf, takesTwoPersons } from './propose.ts'
import { proposedChanges } from './proposed-changes.ts'
import {
  numberOf,
  proposalOf,
  type ProposalRow,
  readProposal,
  type StoredProposal,
} from './stored-proposal.ts'

type Decided = Promise<Replayable<Proposal> | ServiceError>
type Call<Input> = { ctx: ServiceContext; input: Input }
/** What a decision does besides itself. */
type Acted =
  | { readonly refusal: ServiceError }
  | {
      readonly refusal?: never
      readonly rows?: Partial<WorkspaceWrite>
      readonly changes?: readonly AuditChange[]
      readonly newVersion?: number
    }
type Decide = (connection: Queryable, stored: StoredProposal) => Promise<Acted>

/**
 * Approves a proposal of somebody else: it becomes the active version, by the rules and by the rights of who approves (PUB-13).
 *
 * @throws ServiceError NOT_FOUND; FORBIDDEN, reason `four_eyes` for one's own and for a device; CONFLICT, reason `decided` or
 * `stale`; IDEMPOTENCY_CONFLICT
 */
export const approveProposal = verb(
  'playbooks.patch',
  ({ ctx, input }: Call<ApproveProposalInput>): Decided =>
    decide(ctx, 'proposals.approve', 'approved', input, async (connection, stored) => {
      if (stored.row.proposedBy === personOf(ctx)) return { refusal: ownProposal() }
      return await approval(ctx, connection, stored)
    }),
)

/**
 * Rejects a proposal of somebody else, with a reason; a stale one too (PUB-14).
 * @throws ServiceError as of {@link approveProposal}, but for `stale`
 */
export const rejectProposal = verb('playbooks.patch', ({ ctx, input }: Call<RejectProposalInput>): Decided =>
  decide(ctx, 'proposals.reject', 'rejected', input, async (connection, stored) => {
    if (stored.row.proposedBy === personOf(ctx)) return { refusal: ownProposal() }
    const changes = await proposedChanges(connection, ctx.actor.workspaceId, stored)
    const refusal = await refusalToChange(ctx, connection, stored.document.playbookId, changes)
    return refusal ? { refusal } : {}
  }),
)

/**
 * Withdraws a proposal of one's own (PUB-14).
 * @throws ServiceError NOT_FOUND; FORBIDDEN, reason `four_eyes` for somebody else's; CONFLICT, reason `decided`
 */
export const withdrawProposal = verb(
  'playbooks.patch',
  ({ ctx, input }: Call<WithdrawProposalInput>): Decided =>
    decide(ctx, 'proposals.withdraw', 'withdrawn', input, (_connection, { row }) => {
      const message = 'Only who proposed a change withdraws it: reject it instead.'
      return Promise.resolve(
        row.proposedBy === personOf(ctx) ? {} : { refusal: forbidden('four_eyes', message) },
      )
    }),
)

const AUDITED_AS = { approved: 'approve', rejected: 'reject', withdrawn: 'withdraw' } as const

/** Decides an open proposal under the workspace's lock: of two decisions the second one finds it decided. */
async function decide(
  ctx: ServiceContext,
  operation: OperationName,
  state: keyof typeof AUDITED_AS,
  input: { readonly proposalId: ProposalId; readonly reason?: string | undefined },
  act: Decide,
): Decided {
  const { proposalId, reason } = input
  const { workspaceId } = ctx.actor
  const at = ctx.clock.now()
  const target = { type: 'proposal', id: proposalId }
  const write = {
    operation,
    action: operation,
    target,
    input,
    at,
    ...(reason === undefined ? {} : { reason }),
  }
  const result = await administrativeWrite(ctx, write, async (connection): Promise<Changed> => {
    const stored = await readProposal(connection, workspaceId, numberOf(proposalId))
    if (!stored) return { refusal: notFound('proposal', proposalId) }
    if (!isPerson(ctx)) return { refusal: takesTwoPersons() }
    if (stored.row.state !== 'open') return { refusal: alreadyDecided(stored.row) }
    const acted = await act(connection, stored)
    if (acted.refusal) return { refusal: acted.refusal }
    const row: ProposalRow = {
      ...stored.row,
      state,
      decidedBy: personOf(ctx),
      decidedAt: at,
      decisionReason: reason ?? null,
      newVersion: acted.newVersion ?? null,
    }
    await storeDecision(connection, workspaceId, row)
    const change = { ...target, kind: AUDITED_AS[state], before: null, after: null }
    return {
      answer: JSON.stringify(proposalOf(row)),
      changes: [change, ...(acted.changes ?? [])],
      ...(acted.rows ? { rows: acted.rows } : {}),
    }
  })
  return answerOf(result)
}

async function storeDecision(connection: Queryable, workspaceId: string, row: ProposalRow): Promise<void> {
  const { number, state, decidedBy, decidedAt, decisionReason, newVersion } = row
  await connection.query(
    `UPDATE playbook_proposals SET state = $3, decided_by = $4, decided_at = $5, decision_reason = $6, new_version = $7
      WHERE workspace_id = $1 AND number = $2`,
    [workspaceId, number, state, decidedBy, decidedAt, decisionReason, newVersion],
  )
}

const ownProposal = (): ServiceError =>
  forbidden('four_eyes', 'Somebody else than who proposed this has to decide on it; you may withdraw it.')

const alreadyDecided = ({ state, newVersion }: ProposalRow): ServiceError =>
  publishingConflict('decided', `This proposal was decided already: it is ${state}.`, { state, newVersion })
