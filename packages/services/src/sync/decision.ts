import {
  ConflictId,
  type ConflictServerState,
  type Observation,
  type PlaybookPatch,
  type Recommendation,
  type SyncConflict,
  type UpsertEntityType,
} from '@fieldsync/contracts'
import {
  type AuditChange,
  type CanonicalRecord,
  combineDigests,
  type ConflictDecision,
  type HashedType,
  recordDigest,
} from '@fieldsync/domain'

import type { AuthenticatedActor } from '../core/actor.ts'
import { sha256 } from '../core/json-text.ts'
import { ServiceError } from '../core/service-error.ts'

/** What the decision on one batch looks at besides the records. */
export type DecideContext = {
  actor: AuthenticatedActor
  requestedAt: string
  now: Date
  /** The caller can propose what takes a second person: it is decided as if it did not (PUB-10). */
  proposes?: boolean
}

/** A correction to append to an observation's history. */
type AcceptedCorrection = {
  observationId: string
  correctionId: string
  contentSha256: string
  before: string | null
  after: string
}

/** A new version of a playbook, made by a patch. */
type NewVersion = {
  playbookId: string
  version: number
  patchId: string
  paths: string[]
  text: string
}

/** One attempt to patch, for the append-only record. */
export type PatchAttempt = {
  patch: CanonicalRecord<PlaybookPatch>
  outcome: 'applied' | 'rejected'
  code: string | null
  oldVersion: number | null
  newVersion: number | null
}

export type ReportedConflict = {
  conflict: SyncConflict
  incoming: CanonicalRecord<Observation> | CanonicalRecord<Recommendation> | CanonicalRecord<PlaybookPatch>
}

/** A batch may meet one large record a thousand times, and every conflict repeats it: the answer must stay bounded. */
const MAX_CONFLICT_CHARACTERS = 8 * 1024 * 1024

/** The refusal of a batch whose conflicts do not fit: half as many records have half of them (ERR-17). */
export const comeInParts = (records: number): ServiceError =>
  new ServiceError('PAYLOAD_TOO_LARGE', 'The conflicts of this batch do not fit one answer; split it.', {
    details: { maxRecords: Math.max(1, Math.floor(records / 2)) },
  })

/** The outcome of every record of a batch: what is to be written and what is to be answered. */
export class BatchDecisions {
  readonly accepted = { observations: 0, recommendations: 0, playbookPatches: 0 }
  readonly conflicts: ReportedConflict[] = []
  /** One per accepted change (GUA-8), and one per refused patch. */
  readonly changes: AuditChange[] = []
  readonly corrections: AcceptedCorrection[] = []
  readonly versions: NewVersion[] = []
  readonly attempts: PatchAttempt[] = []
  /** Records that the server itself has written in consequence of these. */
  byServer = 0
  readonly #digests: string[] = []
  #conflictCharacters = 0

  /** Files a conflict; what it repeats of the stored state is paid from one budget. */
  refuse(reported: ReportedConflict, repeats: number): void {
    this.conflicts.push(reported)
    this.spend(repeats)
  }

  /** Counts what the last conflict repeats. */
  spend(characters: number): void {
    this.#conflictCharacters += characters
  }

  /**
   * False when several conflicts together repeat more than one answer may hold, as that of a single record never does:
   * then nothing further is decided, and the batch has to come in parts (ERR-17).
   */
  get conflictsFit(): boolean {
    return this.conflicts.length <= 1 || this.#conflictCharacters <= MAX_CONFLICT_CHARACTERS
  }

  /** Takes a record's former state out of the workspace's state hash and puts its new one in (HSH-1). */
  stateChanged(
    type: HashedType,
    id: string,
    before: CanonicalRecord<object> | undefined,
    after: CanonicalRecord<object>,
  ): void {
    if (before) this.#digests.push(recordDigest(type, id, before, sha256))
    this.#digests.push(recordDigest(type, id, after, sha256))
  }

  /** What all of them change in the state hash; null for nothing. */
  get stateDelta(): string | null {
    return this.#digests.length === 0 ? null : combineDigests(...this.#digests)
  }
}

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
  const { code, resolution, message, issues, reason } = decision
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
    ...(reason && { reason }),
  }
  return { conflict, incoming }
}

const serverState = ({ canonical, storedAt }: Winner, now: Date): ConflictServerState => ({
  updatedAt: (storedAt ?? now).toISOString(),
  record: canonical.record,
})
