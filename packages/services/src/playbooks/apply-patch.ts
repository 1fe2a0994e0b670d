import type { PatchApplyResult, PlaybookPatch, Proposal, RecommendationId } from '@fieldsync/contracts'
import type { Queryable, WorkspaceWrite } from '@fieldsync/db'
import { type CanonicalRecord, canonicalRecord } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { type Replayable, sha256 } from '../core/json-text.ts'
import { ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { addSuccessors, recomputeJobs } from '../sync/add-successors.ts'
import { decideUpserts } from '../sync/decide-upserts.ts'
import type { BatchDecisions } from '../sync/decision.ts'
import { planWrite } from '../sync/plan-write.ts'
import { mayEndSoon } from '../sync/playbook-grants.ts'
import { readStoredRows, versionsSince } from '../sync/stored-rows.ts'
import { NO_UPSERTS, type WorkingSet } from '../sync/working-set.ts'
import { baseWrite } from '../write/base-write.ts'
import { answerOf, commitDecided, type Decided } from '../write/commit-decided.ts'
import { conflictRefusal } from '../write/conflict-refusal.ts'
import { singleKey, storedAnswer } from '../write/single-write.ts'
import { proposePatch } from './propose-patch.ts'

const OPERATION = 'playbooks.applyPatch'

/**
 * Applies one patch by the rules of a batch (PCH rules). A refused attempt stays on record although the call fails,
 * and burns no key. Where changes take two persons, a person's patch becomes a proposal (PUB-10).
 *
 * @throws ServiceError NOT_FOUND, PLAYBOOK_VERSION_MISMATCH, PLAYBOOK_PATCH_PATH_NOT_ALLOWED, PLAYBOOK_PATCH_INVALID,
 * FORBIDDEN, CONFLICT, IDEMPOTENCY_CONFLICT
 */
export const applyPlaybookPatch = verb(
  'playbooks.patch',
  async ({
    ctx,
    input,
  }: {
    ctx: ServiceContext
    input: PlaybookPatch
  }): Promise<Replayable<PatchApplyResult | Proposal> | ServiceError> => {
    const incoming = canonicalRecord(input)
    const requestSha256 = sha256(incoming.text)
    const result = await commitDecided(ctx, (connection) => decide(ctx, connection, incoming, requestSha256))
    if ('refusal' in result && result.refusal instanceof TakesSecondPerson)
      return answerOf(await proposePatch(ctx, input))
    return answerOf(result)
  },
)

/** A patch that is acceptable, and becomes a proposal. */
class TakesSecondPerson extends ServiceError {
  override readonly name = 'TakesSecondPerson'

  constructor() {
    super('UNAVAILABLE', 'This change takes a second person; try again.')
  }
}

async function decide(
  ctx: ServiceContext,
  connection: Queryable,
  incoming: CanonicalRecord<PlaybookPatch>,
  requestSha256: string,
): Promise<Decided> {
  const { actor } = ctx
  const now = ctx.clock.now()
  const rows = await readStoredRows(connection, actor, {
    ...NO_UPSERTS,
    playbookPatches: [incoming.record],
  })
  const { set, decisions } = await decideUpserts(
    versionsSince(connection, actor.workspaceId),
    { actor, requestedAt: now.toISOString(), now, proposes: actor.kind === 'user' },
    { ...NO_UPSERTS, playbookPatches: [incoming] },
    rows,
  )
  const [refused] = decisions.conflicts
  if (refused) {
    const known = await storedAnswer(ctx, connection, OPERATION, requestSha256)
    if (known) return known
    const attempt = patchWrite(ctx, now, incoming, set, decisions, requestSha256, refused.conflict.code)
    // The work queue is for batches: a caller of one record has its conflict in the answer.
    return { write: { ...attempt, conflicts: [] }, refusal: conflictRefusal(refused.conflict) }
  }
  // One that was accepted before is answered as ever.
  if (
    decisions.versions.length > 0 &&
    set.playbooks.get(incoming.record.playbookId)?.fourEyes &&
    actor.kind === 'user'
  ) {
    const known = await storedAnswer(ctx, connection, OPERATION, requestSha256)
    return known ?? { refusal: new TakesSecondPerson() }
  }
  const { workspaceId } = actor
  const { newest, unfinished } = await addSuccessors({ connection, workspaceId, now, set, decisions })
  const write = {
    ...patchWrite(ctx, now, incoming, set, decisions, requestSha256, null),
    ...singleKey(ctx, requestSha256),
    counts: JSON.stringify({ accepted: decisions.accepted, conflicts: 0 }),
    jobs: recomputeJobs(workspaceId, unfinished),
    responseStart: JSON.stringify(resultOf(incoming.record, set, newest)),
  }
  return { write, onlyUnderLock: mayEndSoon(set.grants, now) }
}

function patchWrite(
  ctx: ServiceContext,
  now: Date,
  incoming: CanonicalRecord<PlaybookPatch>,
  set: WorkingSet,
  decisions: BatchDecisions,
  requestSha256: string,
  code: string | null,
): WorkspaceWrite {
  return {
    ...baseWrite(ctx, {
      action: OPERATION,
      at: now,
      changes: decisions.changes,
      target: { type: 'playbook', id: incoming.record.playbookId },
      requestSha256,
      outcome: { ok: code === null, code },
    }),
    ...planWrite(set, decisions),
  }
}

function resultOf(patch: PlaybookPatch, set: WorkingSet, newest: RecommendationId | null): PatchApplyResult {
  const applied = set.acceptedPatches.get(patch.patchId)
  if (!applied) throw new Error('an accepted patch is in the working set')
  return {
    patchId: patch.patchId,
    playbookId: patch.playbookId,
    oldVersion: applied.oldVersion,
    newVersion: applied.newVersion,
    status: 'applied',
    validationErrors: [],
    recomputedRecommendationId: newest,
    appliedAt: applied.receivedAt.toISOString(),
  }
}
