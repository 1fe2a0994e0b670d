import {
  ConflictId,
  type ConflictServerState,
  type Observation,
  type PlaybookPatch,
  type Recommendation,
  type SyncConflict,
  type UpsertEntityType,
} from '@fieldsync/contracts'
import type { CanonicalRecord, ConflictDecision } from '@fieldsync/domain'

import { sha256 } from '../core/sha256.ts'
import type { DecideContext, ReportedConflict } from './decision.ts'

type AnyRecord = Observation | Recommendation | PlaybookPatch
type Winner = { canonical: CanonicalRecord<AnyRecord>; storedAt: Date | null }

/**
 * The conflict object of a decision. Its id is derived from what collided, so that a retried conflict is the same
 * entry of the work queue (CNF rules).
 */
export function reportConflict(
  { actor, now }: DecideContext,
  entityType: UpsertEntityType,
  entityId: string,
  incoming: ReportedConflict['incoming'],
  decision: ConflictDecision,
  winner: Winner | undefined,
  /** What else the refusal depended on, as the active version of a playbook. */
  against = '',
): ReportedConflict {
  const { code, resolution, message, issues } = decision
  const collided = [
    actor.workspaceId,
    actor.deviceId,
    entityType,
    entityId,
    code,
    incoming.text,
    winner?.canonical.text,
    against,
  ]
  const conflict: SyncConflict = {
    entityType,
    entityId,
    code,
    message,
    conflictId: ConflictId.parse(`cnf_${sha256(collided.join('\n')).slice(0, 32)}`),
    resolution,
    ...(winner && { server: serverState(winner, now) }),
    ...(issues && { issues }),
  }
  return { conflict, incoming }
}

const serverState = ({ canonical, storedAt }: Winner, now: Date): ConflictServerState => ({
  updatedAt: (storedAt ?? now).toISOString(),
  record: canonical.record,
})
