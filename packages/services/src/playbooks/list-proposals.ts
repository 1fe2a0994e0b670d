import type { Proposal, ProposalDetail, ProposalId, ProposalsInput } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Page } from '../core/json-text.ts'
import { notFound } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { keysetOf, pageOf } from '../lists/keyset.ts'
import { numberOf, PROPOSAL_COLUMNS, proposalOf, type ProposalRow } from './stored-proposal.ts'

type Call<Input> = { ctx: ServiceContext; input: Input }

/** Proposals of the workspace, the newest first (PUB-15). */
export const listProposals = verb(
  'read',
  async ({ ctx, input }: Call<ProposalsInput>): Promise<Page<Proposal>> => {
    const { playbookId = null, state = null } = input
    const { before, limit } = keysetOf(input)
    const { rows } = await ctx.runtime.db.pool.query<ProposalRow>(
      `SELECT ${PROPOSAL_COLUMNS} FROM playbook_proposals r
        WHERE r.workspace_id = $1 AND r.number < $2::bigint AND ($3::text IS NULL OR r.playbook_id = $3)
          AND ($4::text IS NULL OR r.state = $4)
        ORDER BY r.number DESC LIMIT $5`,
      [ctx.actor.workspaceId, before, playbookId, state, limit + 1],
    )
    const found = BigInt(rows.length)
    return pageOf(
      rows.map((row) => ({ key: BigInt(row.number), document: JSON.stringify(proposalOf(row)), found })),
      limit,
    )
  },
)

/** One proposal, with the playbook as it is to be. @throws ServiceError NOT_FOUND */
export const getProposal = verb(
  'read',
  async ({ ctx, input }: Call<{ proposalId: ProposalId }>): Promise<JsonText<ProposalDetail>> => {
    const { proposalId } = input
    const { rows } = await ctx.runtime.db.pool.query<
      ProposalRow & { document: string; patch: string | null }
    >(
      `SELECT ${PROPOSAL_COLUMNS}, r.document::text AS document, CASE WHEN r.kind = 'patch' THEN r.content::text END AS patch
        FROM playbook_proposals r WHERE r.workspace_id = $1 AND r.number = $2`,
      [ctx.actor.workspaceId, numberOf(proposalId)],
    )
    const [row] = rows
    if (!row) throw notFound('proposal', proposalId)
    const start = JSON.stringify(proposalOf(row)).slice(0, -1)
    return new JsonText(`${start},"document":${row.document},"patch":${row.patch ?? 'null'}}`)
  },
)
