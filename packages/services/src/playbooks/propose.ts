import type { Playbook, PlaybookId, Proposal } from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'
import { type AuditChange, canonicalText, changedPlaces } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { sha256 } from '../core/json-text.ts'
import { forbidden, publishingConflict, type ServiceError } from '../core/service-error.ts'
import { type ProposalRow, proposalOf, type Proposed } from './stored-proposal.ts'

/** This many proposals of a workspace wait at a time. */
export const MAX_OPEN_PROPOSALS = 200

/** A person, or the operator: who may propose a change and decide on one (PUB-10). */
export const isPerson = ({ actor }: ServiceContext): boolean =>
  actor.kind === 'user' || actor.kind === 'system'

/** The id of a person in proposals and versions; null for the operator. */
export const personOf = ({ actor }: ServiceContext): string | null =>
  actor.kind === 'system' ? null : actor.deviceId

export type NewProposal = {
  readonly playbookId: PlaybookId
  readonly proposed: Proposed
  readonly document: Playbook
  /** The playbook that it is to change. */
  readonly before: Playbook | undefined
  readonly paths: readonly string[]
  readonly reason: string
}

/**
 * Stores a proposal, under the workspace's lock (PUB-10). Only a person proposes: a device has nobody to answer a question.
 * @returns the proposal, its entry in the audit; or the refusal
 */
export async function storeProposal(
  ctx: ServiceContext,
  connection: Queryable,
  { playbookId, proposed, document, before, paths, reason }: NewProposal,
  at: Date,
): Promise<{ proposal: Proposal; change: AuditChange } | { refusal: ServiceError }> {
  if (!isPerson(ctx)) return { refusal: takesTwoPersons() }
  const { workspaceId } = ctx.actor
  const baseVersion = before?.version ?? null
  const { rows: counts } = await connection.query<{ last: number; open: number }>(
    `SELECT coalesce(max(number), 0)::int AS last, (count(*) FILTER (WHERE state = 'open'))::int AS open
      FROM playbook_proposals WHERE workspace_id = $1`,
    [workspaceId],
  )
  const { last, open } = counts[0] ?? { last: 0, open: 0 }
  if (open >= MAX_OPEN_PROPOSALS) {
    const message = `${MAX_OPEN_PROPOSALS} proposals wait in this workspace; decide on some of them first.`
    return { refusal: publishingConflict('too_many', message) }
  }
  const row: ProposalRow = {
    number: last + 1,
    playbookId,
    kind: proposed.kind,
    baseVersion,
    toVersion: proposed.kind === 'rollback' ? proposed.toVersion : null,
    patchId: proposed.kind === 'patch' ? proposed.patch.patchId : null,
    paths: paths.slice(0, 100),
    reason,
    proposedBy: personOf(ctx),
    proposedAt: at,
    state: 'open',
    decidedBy: null,
    decidedAt: null,
    decisionReason: null,
    newVersion: null,
    activeVersion: baseVersion,
  }
  const text = canonicalText(document)
  await connection.query(
    `INSERT INTO playbook_proposals (workspace_id, number, playbook_id, kind, base_version, to_version, patch_id, content,
        document, paths, reason, proposed_by, proposed_at, state)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'open')`,
    [
      workspaceId,
      row.number,
      playbookId,
      row.kind,
      baseVersion,
      row.toVersion,
      row.patchId,
      contentOf(proposed),
      text,
      paths,
      reason,
      row.proposedBy,
      at,
    ],
  )
  const proposal = proposalOf(row)
  const change: AuditChange = {
    type: 'proposal',
    id: proposal.proposalId,
    kind: 'propose',
    before: null,
    after: sha256(text),
    paths,
    edit: {
      patch: row.patchId,
      reason,
      from: baseVersion,
      version: null,
      places: changedPlaces(before, document, sha256),
    },
  }
  return { proposal, change }
}

function contentOf(proposed: Proposed): string | null {
  if (proposed.kind === 'patch') return canonicalText(proposed.patch)
  return 'content' in proposed ? canonicalText(proposed.content) : null
}

/** The refusal of a device's change where changes take two persons. */
export const takesTwoPersons = (): ServiceError =>
  forbidden(
    'four_eyes',
    'In this workspace a change of a playbook takes two persons: one proposes it, another one approves it.',
  )
