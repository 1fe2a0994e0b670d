import type { PlaybookPatch, Proposal } from '@fieldsync/contracts'
import { type Queryable, readAcceptedPatches, readPlaybooks } from '@fieldsync/db'
import { canonicalRecord, canonicalText, decidePatch } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { publishingConflict, unavailable } from '../core/service-error.ts'
import { grantsOf } from '../sync/playbook-grants.ts'
import { administrativeWrite, type Changed } from '../write/administrative-write.ts'
import type { WriteResult } from '../write/commit-decided.ts'
import { storeProposal } from './propose.ts'
import { PROPOSAL_COLUMNS, proposalOf, type ProposalRow } from './stored-proposal.ts'

/**
 * Stores a person's patch as a proposal (PUB-10). It was found acceptable a moment ago; what has changed since is found
 * under the workspace's lock, and then the call is to be made again, so that the refusal is put on record (PCH-13).
 */
export function proposePatch(ctx: ServiceContext, patch: PlaybookPatch): Promise<WriteResult> {
  const { playbookId, patchId, reason } = patch
  const { workspaceId } = ctx.actor
  const at = ctx.clock.now()
  const operation = 'playbooks.applyPatch'
  const target = { type: 'playbook', id: playbookId }
  const write = { operation, action: operation, target, input: patch, at, reason } as const
  return administrativeWrite(ctx, write, async (connection): Promise<Changed> => {
    const [active] = await readPlaybooks(connection, workspaceId, [playbookId])
    const accepted = await readAcceptedPatches(connection, workspaceId, [patchId])
    if (!active?.fourEyes || accepted.length > 0) return { refusal: changedMeanwhile() }
    const known = await openProposalOf(connection, workspaceId, patchId)
    if (known) {
      // A patch that is sent again, as by a client that lost the answer.
      if (known.content === canonicalText(patch)) return { asItIs: JSON.stringify(known.proposal) }
      return { refusal: publishingConflict('exists', 'Another patch with this id is proposed already.') }
    }
    const playbook = JSON.parse(active.document) as Parameters<typeof decidePatch>[0]['playbook']
    const decision = decidePatch({
      actor: ctx.actor,
      playbook,
      acceptedContent: undefined,
      grants: await grantsOf(connection, workspaceId, ctx.actor.deviceId),
      incoming: canonicalRecord(patch),
      // Under the lock: a grant may have ended while the call waited for it (GRA-11).
      at: ctx.clock.now().toISOString(),
      retired: active.retired,
    })
    if (decision.kind !== 'accept' || !playbook) return { refusal: changedMeanwhile() }
    const { document, paths } = decision
    const proposed = { kind: 'patch', patch } as const
    const proposal = { playbookId, proposed, before: playbook, document, paths, reason }
    const stored = await storeProposal(ctx, connection, proposal, at)
    if ('refusal' in stored) return stored
    return { answer: JSON.stringify(stored.proposal), changes: [stored.change] }
  })
}

async function openProposalOf(
  connection: Queryable,
  workspaceId: string,
  patchId: string,
): Promise<{ proposal: Proposal; content: string } | undefined> {
  const { rows } = await connection.query<ProposalRow & { content: string }>(
    `SELECT ${PROPOSAL_COLUMNS}, r.content::text AS content FROM playbook_proposals r
      WHERE r.workspace_id = $1 AND r.patch_id = $2 AND r.state = 'open'`,
    [workspaceId, patchId],
  )
  const [found] = rows
  return found && { proposal: proposalOf(found), content: found.content }
}

const changedMeanwhile = () => unavailable('The playbook changed while the request was under way; try again.')
