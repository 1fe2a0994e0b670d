import {
  DeviceId,
  JsonPointer,
  PatchId,
  type Playbook,
  type PlaybookContent,
  PlaybookId,
  type PlaybookPatch,
  type Proposal,
  ProposalId,
  ProposalState,
  VersionKind,
} from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'

/** A row of a proposal, as it is read. */
export type ProposalRow = {
  number: number
  playbookId: string
  kind: string
  baseVersion: number | null
  toVersion: number | null
  patchId: string | null
  paths: string[]
  reason: string
  proposedBy: string | null
  proposedAt: Date
  state: string
  decidedBy: string | null
  decidedAt: Date | null
  decisionReason: string | null
  newVersion: number | null
  activeVersion: number | null
}

/** The columns of {@link ProposalRow}, of `playbook_proposals r`. */
export const PROPOSAL_COLUMNS = `r.number, r.playbook_id AS "playbookId", r.kind, r.base_version AS "baseVersion",
  r.to_version AS "toVersion", r.patch_id AS "patchId", r.paths[1:100] AS paths, r.reason, r.proposed_by AS "proposedBy",
  r.proposed_at AS "proposedAt", r.state, r.decided_by AS "decidedBy", r.decided_at AS "decidedAt",
  r.decision_reason AS "decisionReason", r.new_version AS "newVersion",
  (SELECT p.active_version FROM playbooks p
    WHERE p.workspace_id = r.workspace_id AND p.playbook_id = r.playbook_id) AS "activeVersion"`

export const proposalIdOf = (number: number): ProposalId => ProposalId.parse(`prp_${number}`)
export const numberOf = (proposalId: ProposalId): number => Number(proposalId.slice('prp_'.length))

const deviceIdOf = (id: string | null): DeviceId | null => (id === null ? null : DeviceId.parse(id))

/** A proposal as the contract shows it. */
export const proposalOf = (row: ProposalRow): Proposal => ({
  proposalId: proposalIdOf(row.number),
  playbookId: PlaybookId.parse(row.playbookId),
  kind: VersionKind.parse(row.kind),
  baseVersion: row.baseVersion,
  toVersion: row.toVersion,
  patchId: row.patchId === null ? null : PatchId.parse(row.patchId),
  paths: row.paths.map((path) => JsonPointer.parse(path)),
  reason: row.reason,
  proposedBy: deviceIdOf(row.proposedBy),
  proposedAt: row.proposedAt.toISOString(),
  state: ProposalState.parse(row.state),
  stale: row.state === 'open' && row.activeVersion !== row.baseVersion,
  decidedBy: deviceIdOf(row.decidedBy),
  decidedAt: row.decidedAt?.toISOString() ?? null,
  decisionReason: row.decisionReason,
  newVersion: row.newVersion,
})

/** What a proposal asks for, as it was stored from parsed records. */
export type Proposed =
  | { readonly kind: 'patch'; readonly patch: PlaybookPatch }
  | { readonly kind: 'creation' | 'publication'; readonly content: PlaybookContent }
  | { readonly kind: 'rollback'; readonly toVersion: number }
  | { readonly kind: 'retirement' }

export type StoredProposal = { row: ProposalRow; proposed: Proposed; document: Playbook }

/** One proposal, with what it asks for; for a decision on it under the workspace's lock. */
export async function readProposal(
  connection: Queryable,
  workspaceId: string,
  number: number,
): Promise<StoredProposal | undefined> {
  const { rows } = await connection.query<ProposalRow & { content: unknown; document: Playbook }>(
    `SELECT ${PROPOSAL_COLUMNS}, r.content, r.document FROM playbook_proposals r WHERE r.workspace_id = $1 AND r.number = $2`,
    [workspaceId, number],
  )
  const [found] = rows
  if (!found) return undefined
  const { content, document, ...row } = found
  return { row, proposed: proposedOf(row, content), document }
}

function proposedOf({ kind, toVersion }: ProposalRow, content: unknown): Proposed {
  switch (kind) {
    case 'patch':
      return { kind, patch: content as PlaybookPatch }
    case 'creation':
    case 'publication':
      return { kind, content: content as PlaybookContent }
    case 'rollback':
      return { kind, toVersion: toVersion ?? 0 }
    default:
      return { kind: 'retirement' }
  }
}
