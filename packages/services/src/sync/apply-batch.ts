import { scheduler } from 'node:timers/promises'

import {
  DEFAULT_MAX_DOWNSTREAM,
  type SyncBatchRequest,
  type SyncBatchResponse,
  type SyncConflict,
} from '@fieldsync/contracts'
import type { Queryable, WorkspaceWrite } from '@fieldsync/db'
import { can } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { type Replayable } from '../core/json-text.ts'
import { forbidden, ServiceError } from '../core/service-error.ts'
import type { AppliedBatch } from '../core/telemetry.ts'
import { verb } from '../core/verb.ts'
import { MAX_PAGE_BYTES } from '../lists/page-bytes.ts'
import { auditText, baseWrite } from '../write/base-write.ts'
import { answerOf, commitDecided, type DecidedWrite } from '../write/commit-decided.ts'
import { storedAnswer } from '../write/single-write.ts'
import { countByCode, type StoredCounts } from '../write/sync-summary.ts'
import { addSuccessors, recomputeJobs } from './add-successors.ts'
import { batchFingerprint, canonicalUpserts } from './batch-fingerprint.ts'
import { checkpointField } from './checkpoint-field.ts'
import { cursorPosition } from './cursor-position.ts'
import { decideUpserts } from './decide-upserts.ts'
import { type BatchDecisions, comeInParts } from './decision.ts'
import { metadataMicros, reportTexts } from './device-state.ts'
import { planWrite } from './plan-write.ts'
import { mayEndSoon } from './playbook-grants.ts'
import { pull } from './pull.ts'
import { readStoredRows, versionsSince } from './stored-rows.ts'
import { type CanonicalUpserts, nothingStored, type StoredRows } from './working-set.ts'

const OPERATION = 'sync.batch'

/**
 * One batch: pushes the device's records and pulls everybody else's changes, in one transaction (BAT, IDM, CUR and
 * DWN rules). Without records it is a pull.
 *
 * @throws ServiceError FORBIDDEN, IDEMPOTENCY_CONFLICT, CURSOR_INVALID, UNAVAILABLE
 */
export const applyBatch = verb(
  'sync',
  async ({
    ctx,
    input,
  }: {
    ctx: ServiceContext
    input: SyncBatchRequest
  }): Promise<Replayable<SyncBatchResponse> | ServiceError> => {
    if (input.device.deviceId !== ctx.actor.deviceId) {
      return forbidden('device_mismatch', 'device.deviceId is not the device of this credential.')
    }
    if (recordsOf(input) > 0 && !can(ctx.actor, 'sync.push')) {
      return forbidden('role', `The role ${ctx.actor.role} may pull, but not send records.`)
    }
    const answer = await (recordsOf(input) === 0 ? pull(ctx, input) : push(ctx, input))
    if (!(answer instanceof ServiceError)) noteContact(ctx)
    return answer
  },
  { checksRights: true },
)

/** That a device has synced is recorded once a day, apart from the answer (AUD-17). */
function noteContact(ctx: ServiceContext): void {
  const { workspaceId, deviceId } = ctx.actor
  const at = ctx.clock.now()
  ctx.runtime.contacts?.note({ workspaceId, deviceId, at }, () =>
    auditText(ctx, {
      action: 'device.contact',
      at,
      changes: [],
      target: { type: 'device', id: deviceId },
      requestSha256: null,
      outcome: { ok: true, code: null },
    }),
  )
}

async function push(
  ctx: ServiceContext,
  input: SyncBatchRequest,
): Promise<Replayable<SyncBatchResponse> | ServiceError> {
  let first = firstRows(ctx, input)
  // The read is on its way before the records are canonicalised: neither waits for the other.
  if (first instanceof Promise) await scheduler.yield()
  const upserts = canonicalUpserts(input.upserts)
  const requestSha256 = batchFingerprint(input, upserts)
  let applied: AppliedBatch | undefined
  const result = await commitDecided(ctx, async (connection) => {
    const rows = await (first ?? readStoredRows(connection, ctx.actor, input.upserts, true))
    first = undefined
    const decided = await decideBatch(ctx, input, upserts, requestSha256, rows, connection)
    applied = decided?.applied
    if (decided) return decided
    const keys = [ctx.request.idempotencyKey, input.syncId]
    const known = await storedAnswer(ctx, connection, OPERATION, requestSha256, keys)
    return known ?? { refusal: comeInParts(recordsOf(input)) }
  })
  if (applied && !('refusal' in result || result.replayed)) ctx.runtime.telemetry?.batchApplied(applied)
  return answerOf(result)
}

const recordsOf = ({ upserts }: SyncBatchRequest): number =>
  Object.values(upserts).reduce((sum, list) => sum + list.length, 0)

/** What the first decision starts from: a guess that costs nothing, or a read. */
function firstRows(
  ctx: ServiceContext,
  input: SyncBatchRequest,
): StoredRows | Promise<StoredRows> | undefined {
  const guess = nothingStored(input.upserts)
  if (guess) return guess
  const reading = readStoredRows(ctx.runtime.db.pool, ctx.actor, input.upserts)
  // It is awaited once the records are canonical; until then nobody else listens.
  reading.catch(() => undefined)
  return reading
}

/** What operators see of a batch without reading its answer. */
function countsOf(
  { upserts }: SyncBatchRequest,
  { accepted, byServer }: BatchDecisions,
  conflicts: readonly SyncConflict[],
): StoredCounts {
  const sent = {
    observations: upserts.observations.length,
    recommendations: upserts.recommendations.length,
    playbookPatches: upserts.playbookPatches.length,
  }
  const codes = countByCode(conflicts)
  return { accepted, conflicts: conflicts.length, sent, codes, ...(byServer > 0 ? { byServer } : {}) }
}

/** Undefined where the conflicts do not fit one answer. */
async function decideBatch(
  ctx: ServiceContext,
  input: SyncBatchRequest,
  upserts: CanonicalUpserts,
  requestSha256: string,
  rows: StoredRows,
  connection: Queryable,
): Promise<(DecidedWrite & { applied: AppliedBatch }) | undefined> {
  const { actor, request } = ctx
  const now = ctx.clock.now()
  const context = { actor, requestedAt: input.requestedAt, now }
  const { set, decisions } = await decideUpserts(
    versionsSince(connection, actor.workspaceId),
    context,
    upserts,
    rows,
  )
  if (!decisions.conflictsFit) return undefined
  const { workspaceId } = actor
  const { unfinished } = await addSuccessors({ connection, workspaceId, now, set, decisions })
  const conflicts = decisions.conflicts.map(({ conflict }) => conflict)
  const counts = countsOf(input, decisions, conflicts)
  const write: WorkspaceWrite = {
    ...baseWrite(ctx, {
      action: OPERATION,
      at: now,
      changes: decisions.changes,
      target: null,
      requestSha256,
      outcome: { ok: true, code: null },
    }),
    ...planWrite(set, decisions),
    ...cursorPosition(input.lastKnownServerCursor),
    ...reportTexts(input.report),
    idempotencyKey: request.idempotencyKey,
    syncId: input.syncId,
    requestSha256,
    maxRecords: input.maxDownstream ?? DEFAULT_MAX_DOWNSTREAM,
    maxBytes: MAX_PAGE_BYTES,
    metadata: JSON.stringify(input.device),
    metadataMicros: metadataMicros(input.device, now),
    counts: JSON.stringify(counts),
    jobs: recomputeJobs(workspaceId, unfinished),
    // The database joins these around the cursor and the downstream, which are known only under the lock.
    responseStart: `{"syncId":${JSON.stringify(input.syncId)},"acceptedAt":"${now.toISOString()}","serverCursor":"`,
    responseMiddle: `","acceptedCounts":${JSON.stringify(decisions.accepted)},"conflicts":${JSON.stringify(conflicts)},"downstream":`,
    responseEnd: `${checkpointField(ctx, input)}}`,
  }
  return {
    write,
    onlyUnderLock: decisions.versions.length > 0 && mayEndSoon(set.grants, now),
    applied: { records: recordsOf(input), conflicts: counts.codes ?? {} },
  }
}
