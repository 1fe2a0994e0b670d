import {
  DEFAULT_MAX_DOWNSTREAM,
  PatchId,
  type PlaybookPatch,
  type SyncBatchRequest,
  type SyncBatchResponse,
  type SyncConflict,
} from '@fieldsync/contracts'
import { can, canonicalText, decideDevice, pathsOverlap } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import { forbidden, type Refused } from '../server-call.ts'
import { addSuccessors } from './add-successors.ts'
import { applyPatch } from './apply-patch.ts'
import { applyObservation, applyRecommendation } from './apply-records.ts'
import { appendAudit, type Batch, instantOf, microsOf } from './batch.ts'
import { cursorOf, downstreamOf, pageCursorOf, positionOf } from './downstream.ts'
import type { ModelDevice, ModelWorkspace, StoredAnswer } from './model-state.ts'
import { type Caller, type ModelBuild, numberOfRecords } from './read-call.ts'

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
    written: new Map(),
    patched: [],
    changes: [],
  }
  // What a device has resolved was so before this batch: a conflict that comes again in it is open again (CNF-11).
  resolveConflicts(workspace, device, batch, now)
  saveDeviceStates(device, batch, now)
  for (const record of batch.upserts.observations) applyObservation(outcome, record)
  for (const record of batch.upserts.recommendations) applyRecommendation(outcome, record)
  for (const patch of batch.upserts.playbookPatches) applyPatch(outcome, patch)
  for (const { conflict, patch } of outcome.rebases) addRebaseInformation(workspace, conflict, patch)

  // What the server itself adds comes on the next page (REC-16).
  const ownEnd = workspace.log.length
  addSuccessors(outcome)

  const records = batch.maxDownstream ?? DEFAULT_MAX_DOWNSTREAM
  const { next, downstream } = downstreamOf(
    workspace,
    after,
    { before, ownEnd },
    {
      records,
      bytes: PAGE_BYTES,
      stateHash,
    },
  )
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

/** Keeps what the device says of itself (DEV-1, CNF-13). */
function saveDeviceStates(device: ModelDevice, batch: SyncBatchRequest, now: number): void {
  const decision = decideDevice({
    currentTimeMicros: device.metadataMicros,
    incoming: batch.device,
    nowMicros: microsOf(now),
  })
  if (decision.kind === 'accept') {
    device.metadata = batch.device
    device.metadataMicros = decision.timeMicros
  }
  if (batch.report) {
    const { resolved: _, ...report } = batch.report
    device.report = report
  }
}

/** Takes what the device has resolved out of the work queue (CNF-10, CNF-12). */
function resolveConflicts(
  { conflicts }: ModelWorkspace,
  { deviceId }: ModelDevice,
  { report }: SyncBatchRequest,
  now: number,
): void {
  for (const { conflictId, resolution } of report?.resolved ?? []) {
    const open = conflicts.find(
      (each) => each.conflictId === conflictId && each.deviceId === deviceId && each.resolvedAt === null,
    )
    if (open) Object.assign(open, { resolvedAt: instantOf(now), resolvedAs: resolution })
  }
}

const MOST_INTERVENING = 100

/** What a device needs to rebase a patch: the playbook as the batch left it, and what was changed since the base (CNF-3 to CNF-6). */
function addRebaseInformation(workspace: ModelWorkspace, conflict: SyncConflict, patch: PlaybookPatch): void {
  const document = workspace.playbooks.get(patch.playbookId)?.document
  if (!document) return
  const since = workspace.versions.filter(
    (each) => each.document.playbookId === patch.playbookId && each.document.version > patch.baseVersion,
  )
  const paths = patch.operations.map((operation) => operation.path)
  conflict.playbook = {
    activeVersion: document.version,
    document,
    intervening: since.slice(0, MOST_INTERVENING).map((each) => ({
      patchId: each.patchId === null ? null : PatchId.parse(each.patchId),
      version: each.document.version,
      paths: each.paths,
    })),
    overlapping:
      patch.baseVersion > document.version ||
      since.length > MOST_INTERVENING ||
      since.some((each) => pathsOverlap(each.paths, paths)),
  }
}

/** The answers of this device that either key is bound to (IDM-1). */
const boundTo = ({ answers }: ModelWorkspace, deviceId: string, keys: readonly string[]): StoredAnswer[] =>
  answers.filter((stored) => stored.deviceId === deviceId && stored.keys.some((key) => keys.includes(key)))

/**
 * What is known under the keys of a call: nothing, the answer to the same payload (IDM-2), or another payload (IDM-3).
 *
 * @param payload canonical hash; undefined for a pull, which is never the payload of a stored answer (IDM-7)
 */
function knownAnswer(
  workspace: ModelWorkspace,
  deviceId: string,
  keys: readonly string[],
  payload: string | undefined,
): 'unknown' | 'other payload' | StoredAnswer {
  const [known, ...others] = boundTo(workspace, deviceId, keys)
  if (!known) return 'unknown'
  return [known, ...others].every((stored) => stored.payload === payload) ? known : 'other payload'
}
