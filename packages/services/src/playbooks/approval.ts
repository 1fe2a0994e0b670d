import type { Playbook } from '@fieldsync/contracts'
import type { Queryable, WorkspaceWrite } from '@fieldsync/db'
import {
  type ActivePlaybook,
  type AuditChange,
  canonicalRecord,
  changesOfPatch,
  decidePatch,
  decidePublication,
  type GrantedChange,
  type PublicationRequest,
} from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { publishingConflict, ServiceError } from '../core/service-error.ts'
import { refusalToChange } from './may-publish.ts'
import { publicationRefusal } from './publication-refusal.ts'
import { publicationRows } from './publication-rows.ts'
import { readActive, readVersion } from './read-active.ts'
import type { StoredProposal } from './stored-proposal.ts'
import { withSuccessors } from './with-successors.ts'

type Version = { document: Playbook; paths: string[]; changes: readonly GrantedChange[] }

/**
 * What an approved proposal becomes, decided anew by the rules on what is active now, and by the rights of who approves
 * (PUB-13). A base that has moved on is no base: the proposal is stale.
 */
export async function approval(
  ctx: ServiceContext,
  connection: Queryable,
  stored: StoredProposal,
): Promise<
  { rows: Partial<WorkspaceWrite>; changes: AuditChange[]; newVersion: number } | { refusal: ServiceError }
> {
  const { row, proposed } = stored
  const { playbookId } = stored.document
  const active = await readActive(connection, ctx.actor.workspaceId, playbookId)
  const activeVersion = active?.document.version ?? null
  if (activeVersion !== row.baseVersion) return { refusal: isStale(activeVersion) }
  const version = await decideAgain(ctx, connection, stored, active)
  if (version instanceof ServiceError) return { refusal: version }
  const refusal = await refusalToChange(ctx, connection, playbookId, version.changes)
  if (refusal) return { refusal }
  const { rows, change } = publicationRows({
    playbookId,
    kind: proposed.kind,
    active,
    accepted: version,
    madeBy: row.proposedBy,
    reason: row.reason,
    proposal: row.number,
    ...(proposed.kind === 'patch' ? { patch: proposed.patch } : {}),
  })
  const { workspaceId } = ctx.actor
  const [before, after] = [active?.document, version.document]
  const patchId = proposed.kind === 'patch' ? proposed.patch.patchId : null
  const written = { connection, workspaceId, now: ctx.clock.now(), before, after, patchId, rows }
  const followed = await withSuccessors(written)
  const changes = [change, ...followed.changes]
  return { rows: followed.rows, changes, newVersion: version.document.version }
}

async function decideAgain(
  { actor, clock }: ServiceContext,
  connection: Queryable,
  { row, proposed, document }: StoredProposal,
  active: ActivePlaybook | undefined,
): Promise<Version | ServiceError> {
  const at = clock.now().toISOString()
  const { playbookId } = document
  if (proposed.kind === 'patch') {
    const { patch } = proposed
    const decision = decidePatch({
      actor: { ...actor, deviceId: patch.requestedByDeviceId },
      playbook: active?.document,
      acceptedContent: undefined,
      // Asked about with the changes that come out of it.
      grants: undefined,
      incoming: canonicalRecord(patch),
      at,
      retired: active?.retired ?? false,
    })
    if (decision.kind !== 'accept' || !active) return noLongerPossible()
    return { ...decision, changes: changesOfPatch(active.document, decision.document) }
  }
  const baseVersion = row.baseVersion ?? 0
  const earlier =
    proposed.kind === 'rollback'
      ? await readVersion(connection, actor.workspaceId, playbookId, proposed.toVersion)
      : undefined
  const decision = decidePublication(active, requestOf(proposed, baseVersion, earlier), at)
  return decision.kind === 'accept' ? decision : publicationRefusal(decision.reason, playbookId, active)
}

function requestOf(
  proposed: Exclude<StoredProposal['proposed'], { kind: 'patch' }>,
  baseVersion: number,
  earlier: Playbook | undefined,
): PublicationRequest {
  switch (proposed.kind) {
    case 'creation':
      return { kind: 'creation', document: proposed.content }
    case 'publication':
      return { kind: 'publication', baseVersion, document: proposed.content }
    case 'rollback':
      return { kind: 'rollback', baseVersion, earlier }
    case 'retirement':
      return { kind: 'retirement', baseVersion }
  }
}

const isStale = (activeVersion: number | null): ServiceError =>
  publishingConflict(
    'stale',
    'The playbook has changed since: this proposal is no longer about its active version.',
    {
      activeVersion,
    },
  )

const noLongerPossible = (): ServiceError =>
  publishingConflict('stale', 'This patch can no longer be applied: reject it, and have it proposed again.')
