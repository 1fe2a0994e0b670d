import type { Recommendation } from '@fieldsync/contracts'
import { FROM_THE_NEWEST, type Queryable } from '@fieldsync/db'

import { type AdminContext, nowMicros } from '../core/context.ts'
import type { JobPayload } from '../core/job-tasks.ts'
import { ServiceError } from '../core/service-error.ts'
import { readActive } from '../playbooks/read-active.ts'
import { pendingPart, replaceAffected } from '../sync/add-successors.ts'
import { BatchDecisions } from '../sync/decision.ts'
import { planWrite } from '../sync/plan-write.ts'
import { NOTHING_STORED, workingSetOf } from '../sync/working-set.ts'
import { asSystem } from '../write/admin-context.ts'
import { baseWrite } from '../write/base-write.ts'
import { commitDecided, type Decided } from '../write/commit-decided.ts'

type Payload = JobPayload
type Call = { ctx: AdminContext; payload: Payload }

/** Nothing is to be written, and nothing is wrong. */
class NothingToWrite extends ServiceError {
  override readonly name = 'NothingToWrite'

  constructor() {
    super('CONFLICT', 'Nothing is left to recompute here.')
  }
}

/**
 * Gives a part of the pending recommendations that a version of a playbook affects their successors (REC-16), in one commit:
 * those that the request which made the version has left, the newest first. Doing a part twice is doing it once, since ids are
 * derived; where the playbook has moved on, the job of its newer version does all of it.
 *
 * @returns the payload of what is left; undefined when it is done
 * @throws ServiceError UNAVAILABLE where it is to be tried again
 */
export async function recomputePart({ ctx, payload }: Call): Promise<Payload | undefined> {
  let left: Payload | undefined
  const system = asSystem(ctx, payload.workspaceId)
  const result = await commitDecided(system, async (connection) => {
    const part = await decidePart(ctx, connection, payload)
    left = part.left
    return part.decided
  })
  if ('refusal' in result && !(result.refusal instanceof NothingToWrite)) throw result.refusal
  return left
}

async function decidePart(
  ctx: AdminContext,
  connection: Queryable,
  payload: Payload,
): Promise<{ decided: Decided; left: Payload | undefined }> {
  const { workspaceId, playbookId, playbookVersion } = payload
  const now = ctx.clock.now()
  const active = (await readActive(connection, workspaceId, playbookId))?.document
  const nothing = { refusal: new NothingToWrite() }
  if (active?.version !== playbookVersion) return { decided: nothing, left: undefined }
  const from = payload.before ?? FROM_THE_NEWEST
  const { rows, before } = await pendingPart(connection, workspaceId, playbookId, nowMicros(now), from)
  const left = before === null ? undefined : { ...payload, before }
  const set = workingSetOf(NOTHING_STORED)
  const decisions = new BatchDecisions()
  // Stored from parsed Recommendations, so they are some.
  const pending = rows.map(({ document }) => JSON.parse(document) as Recommendation)
  await replaceAffected({ connection, workspaceId, now, set, decisions }, active, pending)
  if (decisions.byServer === 0) return { decided: nothing, left }
  set.guards.push({ kind: 'playbook', id: playbookId, revision: playbookVersion })
  const record = {
    action: 'recommendations.recompute',
    at: now,
    changes: decisions.changes,
    target: { type: 'playbook', id: playbookId },
    requestSha256: null,
    outcome: { ok: true, code: null },
  }
  const write = { ...baseWrite(asSystem(ctx, workspaceId), record), ...planWrite(set, decisions) }
  return { decided: { write }, left }
}
