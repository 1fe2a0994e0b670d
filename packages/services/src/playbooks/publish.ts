import type {
  CreatePlaybookInput,
  OperationName,
  PlaybookId,
  Proposal,
  PublishedVersion,
  PublishVersionInput,
  RetirePlaybookInput,
  RollBackInput,
} from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'
import { decidePublication, type PublicationKind, type PublicationRequest } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import type { Replayable } from '../core/json-text.ts'
import { publishingConflict, type ServiceError, validationError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { readSettings } from '../workspaces/stored-settings.ts'
import { administrativeWrite, type Changed } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'
import { refusalToChange } from './may-publish.ts'
import { personOf, storeProposal } from './propose.ts'
import { publicationRefusal } from './publication-refusal.ts'
import { publicationRows } from './publication-rows.ts'
import { readActive, readVersion } from './read-active.ts'
import type { Proposed } from './stored-proposal.ts'
import { withSuccessors } from './with-successors.ts'

/** A workspace has this many playbooks at most, retired ones included: a first pull carries all of them. */
export const MAX_PLAYBOOKS = 100

type Published = Promise<Replayable<PublishedVersion | Proposal> | ServiceError>
type Call<Input> = { ctx: ServiceContext; input: Input }

/**
 * Creates a playbook, as version 1 (PUB-1).
 * @throws ServiceError CONFLICT, reason `exists` or `too_many`; FORBIDDEN; IDEMPOTENCY_CONFLICT
 */
export const createPlaybook = verb(
  'playbooks.publish',
  ({ ctx, input }: Call<CreatePlaybookInput>): Published =>
    publish(ctx, 'playbooks.create', 'creation', input.document.playbookId, input, () =>
      Promise.resolve({ kind: 'creation', document: input.document }),
    ),
)

/**
 * Publishes a whole new version, also of a playbook that is retired (PUB-2).
 * @throws ServiceError NOT_FOUND; PLAYBOOK_VERSION_MISMATCH; CONFLICT, reason `unchanged`; VALIDATION_ERROR; FORBIDDEN;
 * IDEMPOTENCY_CONFLICT
 */
export const publishPlaybookVersion = verb(
  'playbooks.publish',
  async ({ ctx, input }: Call<PublishVersionInput>): Published => {
    const { playbookId, baseVersion, document } = input
    if (document.playbookId !== playbookId)
      return validationError([{ path: '/document/playbookId', message: 'must be the playbook of the path' }])
    return await publish(ctx, 'playbooks.publish', 'publication', playbookId, input, () =>
      Promise.resolve({ kind: 'publication', baseVersion, document }),
    )
  },
)

/**
 * Publishes a new version with the content of an earlier one (PUB-3).
 * @throws ServiceError NOT_FOUND; PLAYBOOK_VERSION_MISMATCH; CONFLICT, reason `unchanged`; FORBIDDEN; IDEMPOTENCY_CONFLICT
 */
export const rollBackPlaybook = verb(
  'playbooks.publish',
  ({ ctx, input }: Call<RollBackInput>): Published => {
    const { playbookId, baseVersion, toVersion } = input
    return publish(ctx, 'playbooks.rollBack', 'rollback', playbookId, input, async (connection) => {
      const earlier = await readVersion(connection, ctx.actor.workspaceId, playbookId, toVersion)
      return { kind: 'rollback', baseVersion, earlier }
    })
  },
)

/**
 * Retires a playbook (PUB-4, PUB-5).
 * @throws ServiceError NOT_FOUND; PLAYBOOK_VERSION_MISMATCH; CONFLICT, reason `retired`; FORBIDDEN; IDEMPOTENCY_CONFLICT
 */
export const retirePlaybook = verb(
  'playbooks.publish',
  ({ ctx, input }: Call<RetirePlaybookInput>): Published =>
    publish(ctx, 'playbooks.retire', 'retirement', input.playbookId, input, () =>
      Promise.resolve({ kind: 'retirement', baseVersion: input.baseVersion }),
    ),
)

async function publish(
  ctx: ServiceContext,
  operation: OperationName,
  kind: PublicationKind,
  playbookId: PlaybookId,
  input: { readonly reason: string; readonly toVersion?: number },
  requested: (connection: Queryable) => Promise<PublicationRequest>,
): Published {
  const at = ctx.clock.now()
  const { reason } = input
  const write = {
    operation,
    action: operation,
    target: { type: 'playbook', id: playbookId },
    input,
    at,
    reason,
  }
  const result = await administrativeWrite(ctx, write, async (connection): Promise<Changed> => {
    const request = await requested(connection)
    const active = await readActive(connection, ctx.actor.workspaceId, playbookId)
    const decision = decidePublication(active, request, at.toISOString())
    if (decision.kind === 'refuse')
      return { refusal: publicationRefusal(decision.reason, playbookId, active) }
    const refusal =
      (await refusalToChange(ctx, connection, playbookId, decision.changes)) ??
      (active ? undefined : await refusalOfMore(connection, ctx.actor.workspaceId))
    if (refusal) return { refusal }
    const { fourEyes } = await readSettings(connection, ctx.actor.workspaceId)
    if (fourEyes) {
      const { document, paths } = decision
      const proposed = proposedOf(request, input.toVersion)
      const before = active?.document
      const proposal = { playbookId, proposed, document, before, paths, reason }
      const stored = await storeProposal(ctx, connection, proposal, at)
      if ('refusal' in stored) return stored
      return { answer: JSON.stringify(stored.proposal), changes: [stored.change] }
    }
    const madeBy = personOf(ctx)
    const version = { playbookId, kind, active, accepted: decision, madeBy, reason, proposal: null }
    const { rows, change } = publicationRows(version)
    const answer: PublishedVersion = {
      playbookId,
      kind,
      oldVersion: active?.document.version ?? null,
      newVersion: decision.document.version,
      publishedAt: at.toISOString(),
    }
    const { workspaceId } = ctx.actor
    const [before, after] = [active?.document, decision.document]
    const written = { connection, workspaceId, now: at, before, after, patchId: null, rows }
    const followed = await withSuccessors(written)
    return { answer: JSON.stringify(answer), changes: [change, ...followed.changes], rows: followed.rows }
  })
  return answerOf(result)
}

const proposedOf = (request: PublicationRequest, toVersion: number | undefined): Proposed => {
  if (request.kind === 'rollback') return { kind: 'rollback', toVersion: toVersion ?? 0 }
  return request.kind === 'retirement'
    ? { kind: 'retirement' }
    : { kind: request.kind, content: request.document }
}

async function refusalOfMore(connection: Queryable, workspaceId: string): Promise<ServiceError | undefined> {
  const { rows } = await connection.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM playbooks WHERE workspace_id = $1',
    [workspaceId],
  )
  if ((rows[0]?.count ?? 0) < MAX_PLAYBOOKS) return undefined
  return publishingConflict(
    'too_many',
    `This workspace has ${MAX_PLAYBOOKS} playbooks, retired ones included.`,
  )
}
