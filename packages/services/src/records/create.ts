import type { Observation } from '@fieldsync/contracts'
import { canonicalRecord } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { type Replayable, sha256 } from '../core/json-text.ts'
import type { ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { decideUpserts } from '../sync/decide-upserts.ts'
import { planWrite } from '../sync/plan-write.ts'
import { readStoredRows, versionsSince } from '../sync/stored-rows.ts'
import { NO_UPSERTS } from '../sync/working-set.ts'
import { baseWrite } from '../write/base-write.ts'
import { answerOf, commitDecided } from '../write/commit-decided.ts'
import { conflictRefusal } from '../write/conflict-refusal.ts'
import { singleKey, storedAnswer } from '../write/single-write.ts'

const OPERATION = 'observations.create'

/**
 * Stores one observation by the rules of a batch (OBS rules) and answers it as stored.
 *
 * @throws ServiceError FORBIDDEN or CONFLICT with `details.conflict`; IDEMPOTENCY_CONFLICT
 */
export const createObservation = verb(
  'observations.write',
  async ({
    ctx,
    input,
  }: {
    ctx: ServiceContext
    input: Observation
  }): Promise<Replayable<Observation> | ServiceError> => {
    const incoming = canonicalRecord(input)
    const requestSha256 = sha256(incoming.text)
    const { actor } = ctx
    let isFirst = true
    const result = await commitDecided(ctx, async (connection) => {
      const now = ctx.clock.now()
      const upserts = { ...NO_UPSERTS, observations: [input] }
      const rows = await readStoredRows(connection, actor, upserts, !isFirst)
      isFirst = false
      const { set, decisions } = await decideUpserts(
        versionsSince(connection, actor.workspaceId),
        { actor, requestedAt: now.toISOString(), now },
        { ...NO_UPSERTS, observations: [incoming] },
        rows,
      )
      const [refused] = decisions.conflicts
      if (refused) {
        const known = await storedAnswer(ctx, connection, OPERATION, requestSha256)
        return known ?? { refusal: conflictRefusal(refused.conflict) }
      }
      const write = {
        ...baseWrite(ctx, {
          action: OPERATION,
          at: now,
          changes: decisions.changes,
          target: { type: 'observation', id: input.observationId },
          requestSha256,
          outcome: { ok: true, code: null },
        }),
        ...planWrite(set, decisions),
        ...singleKey(ctx, requestSha256),
        counts: JSON.stringify({ accepted: decisions.accepted, conflicts: 0 }),
        responseStart: set.observations.get(input.observationId)?.state.canonical.text ?? incoming.text,
      }
      return { write }
    })
    return answerOf(result)
  },
)
