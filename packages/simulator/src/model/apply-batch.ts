import { DEFAULT_MAX_DOWNSTREAM, type SyncBatchRequest, type SyncBatchResponse } from '@fieldsync/contracts'
import { can, canonicalText } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import { forbidden, type Refused } from '../refused.ts'
import { applyObservation } from './apply-observation.ts'
import { applyPatch } from './apply-patch.ts'
import { applyRecommendation } from './apply-recommendation.ts'
import { appendAudit } from './audit.ts'
import { type Batch, instantOf } from './batch.ts'
import { cursorOf, pageCursorOf, positionOf } from './cursor.ts'
import { saveDeviceStates, resolveConflicts } from './device-state.ts'
import { downstreamOf } from './downstream.ts'
import type { Caller } from './identify.ts'
import { type ModelBuild, numberOfRecords } from './read-batch.ts'
import { addRebaseInformation } from './rebase-information.ts'
import { knownAnswer } from './stored-answers.ts'

const PAGE_BYTES = 4 * 1024 * 1024

type Outcome = { body: string; replayed: boolean } | { refused: Refused }

/** A batch that keeps the contract: the rest of the checks in the order of ERR-4, then its records (BAT-2). */
export function applyBatch(
  { actor, device, workspace }: Caller,
  batch: SyncBatchRequest,
  key: string,
  {
    now,
    mintIdentity,
    stateHash,
  }: { now: number; mintIdentity: () => number; stateHash: ModelBuild['stateHash'] },
): Outcome {
  if (batch.device.deviceId !== actor.deviceId) return { refused: forbidden('device_mismatch') }
  const isPull = numberOfRecords(batch) === 0
  if (!isPull && !can(actor, 'sync.push')) return { refused: forbidden('role') }

  const payload = isPull ? undefined : sha256(canonicalText(batch))
  const keys = [key, batch.syncId]
  const known = knownAnswer(workspace, actor.deviceId, keys, payload)
  if (known === 'other payload') return { refused: { code: 'IDEMPOTENCY_CONFLICT' } }
  if (known !== 'unknown') return { body: known.body, replayed: true }

  const after = positionOf(workspace, batch.lastKnownServerCursor)
  if (after === undefined) return { refused: { code: 'CURSOR_INVALID' } }

  const before = workspace.log.length
  const outcome: Batch = {
    workspace,
    actor,
    requestedAt: batch.requestedAt,
    now,
    append: () => workspace.log.push(mintIdentity()),
    accepted: { observations: 0, recommendations: 0, playbookPatches: 0 },
    conflicts: [],
    rebases: [],
    changes: [],
  }
  // What a device has resolved was so before this batch: a conflict that comes again in it opens anew (CNF-11).
  resolveConflicts(workspace, device, batch, now)
  saveDeviceStates(device, batch, now)
  for (const record of batch.upserts.observations) applyObservation(outcome, record)
  for (const record of batch.upserts.recommendations) applyRecommendation(outcome, record)
  for (const patch of batch.upserts.playbookPatches) applyPatch(outcome, patch)
  for (const { conflict, patch } of outcome.rebases) addRebaseInformation(workspace, conflict, patch)

  const records = batch.maxDownstream ?? DEFAULT_MAX_DOWNSTREAM
  const { next, downstream } = downstreamOf(workspace, after, before, {
    records,
    bytes: PAGE_BYTES,
    stateHash,
  })
  const response: SyncBatchResponse = {
    syncId: batch.syncId,
    acceptedAt: instantOf(now),
    serverCursor: downstream.hasMore ? pageCursorOf(workspace, next) : cursorOf(workspace, next),
    acceptedCounts: outcome.accepted,
    conflicts: outcome.conflicts,
    downstream,
  }
  const body = JSON.stringify(response)
  if (payload !== undefined) {
    const req = { id: null, idem: key, bodySha256: payload }
    appendAudit(workspace, actor, now, { act: 'sync.batch', chg: outcome.changes, tgt: null, req })
    workspace.answers.push({ deviceId: actor.deviceId, keys, payload, body })
  }
  return { body, replayed: false }
}
