import { z } from 'zod'

import { JsonPointer } from '../entities/json-pointer.ts'
import { PlaybookPatch } from '../entities/playbook-patch.ts'
import { Playbook } from '../entities/playbook.ts'
import { DeviceId, PatchId, PlaybookId, ProposalId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { lenient } from '../lenient.ts'
import { RequiredText } from '../text.ts'
import { PageInput } from './inputs.ts'
import { command, listing, type Operation, query } from './operation.ts'
import { VersionKind } from './version-kind.ts'

export const ProposalState = z.enum(['open', 'approved', 'rejected', 'withdrawn'])
export type ProposalState = z.infer<typeof ProposalState>

/** A change of a playbook that waits for a second person, or did (PUB-10). */
export const Proposal = z
  .object({
    proposalId: ProposalId,
    playbookId: PlaybookId,
    kind: VersionKind,
    baseVersion: z.int().min(1).nullable().describe('Null for a playbook that is to be created'),
    toVersion: z.int().min(1).nullable().describe('The version that a rollback goes back to'),
    patchId: PatchId.nullable(),
    paths: z.array(JsonPointer).describe('What it changes, the first hundred places; `[""]` for all of it'),
    reason: z.string(),
    proposedBy: DeviceId.nullable().describe('Null for the operator'),
    proposedAt: Instant,
    state: ProposalState,
    stale: z.boolean().describe('Open, and based on a version that is no longer active'),
    decidedBy: DeviceId.nullable(),
    decidedAt: Instant.nullable(),
    decisionReason: z.string().nullable(),
    newVersion: z.int().min(1).nullable().describe('The version that it became'),
  })
  .meta({ id: 'Proposal' })
export type Proposal = z.infer<typeof Proposal>

/** Answer of `GET /v1/proposals/{proposalId}`. */
export const ProposalDetail = Proposal.extend({
  document: lenient(Playbook).describe('The playbook as it is to be'),
  patch: lenient(PlaybookPatch).nullable(),
}).meta({ id: 'ProposalDetail' })
export type ProposalDetail = z.infer<typeof ProposalDetail>

export const ProposalsInput = z.strictObject({
  ...PageInput.shape,
  playbookId: PlaybookId.optional(),
  state: ProposalState.optional(),
})
export type ProposalsInput = z.infer<typeof ProposalsInput>

export const ProposalInput = z.strictObject({ proposalId: ProposalId })

export const ApproveProposalInput = z
  .strictObject({ proposalId: ProposalId, reason: RequiredText.optional() })
  .meta({ id: 'ApproveProposalInput' })
export type ApproveProposalInput = z.infer<typeof ApproveProposalInput>

export const RejectProposalInput = z
  .strictObject({ proposalId: ProposalId, reason: RequiredText.describe('Why, for who proposed it') })
  .meta({ id: 'RejectProposalInput' })
export type RejectProposalInput = z.infer<typeof RejectProposalInput>

export const WithdrawProposalInput = z
  .strictObject({ proposalId: ProposalId, reason: RequiredText.optional() })
  .meta({ id: 'WithdrawProposalInput' })
export type WithdrawProposalInput = z.infer<typeof WithdrawProposalInput>

/** What the decisions on proposals have in common. */
const decision = { ...command, right: 'playbooks.patch', status: 200, output: Proposal } as const

/** The operations on proposals, as rows of the operation table. */
export const PROPOSAL_OPERATIONS = {
  'proposals.list': {
    ...listing,
    operationId: 'listProposals',
    summary: 'Changes of playbooks that wait for a second person, or did, the newest first',
    path: '/v1/proposals',
    input: ProposalsInput,
    output: Proposal,
  },
  'proposals.get': {
    ...query,
    operationId: 'getProposal',
    summary: 'One proposal, with the playbook as it is to be',
    path: '/v1/proposals/:proposalId',
    input: ProposalInput,
    output: ProposalDetail,
  },
  'proposals.approve': {
    ...decision,
    operationId: 'approveProposal',
    summary: 'Approve what somebody else has proposed, which makes it the active version',
    path: '/v1/proposals/:proposalId:approve',
    input: ApproveProposalInput,
  },
  'proposals.reject': {
    ...decision,
    operationId: 'rejectProposal',
    summary: 'Reject what somebody else has proposed, with a reason',
    path: '/v1/proposals/:proposalId:reject',
    input: RejectProposalInput,
  },
  'proposals.withdraw': {
    ...decision,
    operationId: 'withdrawProposal',
    summary: 'Withdraw a proposal of one’s own',
    path: '/v1/proposals/:proposalId:withdraw',
    input: WithdrawProposalInput,
  },
} as const satisfies Record<string, Operation>
