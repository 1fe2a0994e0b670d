import {
  ConflictId,
  type Observation,
  type PlaybookPatch,
  type Recommendation,
  type SyncConflict,
  type UpsertEntityType,
} from '@fieldsync/contracts'
import { canonicalText, type ConflictDecision } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import { type Batch, instantOf } from './batch.ts'

type Incoming = Observation | Recommendation | PlaybookPatch

/**
 * Tells of a record that was not accepted, and puts it into the work queue (CNF-2, CNF-9 to CNF-11).
 *
 * @param won the stored record that won over it, if one did
 * @param against what else the server had that the record did not fit: the active version, for a rebase
 */
export function refuseRecord(
  batch: Batch,
  subject: { entityType: UpsertEntityType; entityId: string; incoming: Incoming },
  { code, resolution, message, issues }: ConflictDecision,
  won: { record: Incoming; storedAt: string } | undefined,
  against?: number,
): SyncConflict {
  const { entityType, entityId, incoming } = subject
  const { workspaceId, deviceId } = batch.actor
  // The same collision has the same id, whenever and however often it is met.
  const collision = [
    workspaceId,
    deviceId,
    entityType,
    entityId,
    code,
    incoming,
    won?.record ?? null,
    against ?? null,
  ]
  const conflict: SyncConflict = {
    entityType,
    entityId,
    code,
    message,
    conflictId: ConflictId.parse(`model_${sha256(canonicalText(collision)).slice(0, 32)}`),
    resolution,
    ...(won && { server: { updatedAt: won.storedAt, record: won.record } }),
    ...(issues && { issues }),
  }
  batch.conflicts.push(conflict)
  queue(batch, conflict, incoming)
  return conflict
}

function queue({ workspace, actor, now }: Batch, conflict: SyncConflict, incoming: Incoming): void {
  const { conflictId, entityType, entityId, code, resolution } = conflict
  const lastSeenAt = instantOf(now)
  const open = { lastSeenAt, resolvedAt: null, resolvedAs: null }
  const known = workspace.conflicts.find((each) => each.conflictId === conflictId)
  if (known) {
    Object.assign(known, open)
    return
  }
  const { deviceId } = actor
  const entry = {
    conflictId,
    deviceId,
    entityType,
    entityId,
    code,
    resolution,
    incoming,
    firstSeenAt: lastSeenAt,
  }
  workspace.conflicts.push({ ...entry, ...open })
}
