import {
  DeviceId,
  instantMicros,
  type Observation,
  type Recommendation,
  WorkspaceId,
} from '@fieldsync/contracts'
import {
  type Actor,
  canonicalRecord,
  decideObservation,
  decideRecommendation,
  type Decision,
  type PatchDecision,
  type Sha256,
} from '@fieldsync/domain'

import type { LikelyConflict } from './save-outcome.ts'

type DecideContext = { actor: Actor; sha256: Sha256 }

/** What the rules say to an observation on top of `current`, by what a device can know of it. */
export function predictObservation(
  { actor, sha256 }: DecideContext,
  current: Observation | null,
  incoming: Observation,
): Decision {
  const stored = current && {
    canonical: canonicalRecord(current),
    timeMicros: timeOf(current),
    // Of the history a device knows the last correction only.
    corrections: new Map(
      current.correction
        ? [[current.correction.correctionId, sha256(canonicalRecord(current).contentText)]]
        : [],
    ),
  }
  return decideObservation({
    actor,
    sha256,
    incoming: canonicalRecord(incoming),
    timeMicros: timeOf(incoming),
    current: stored ?? undefined,
  })
}

/** What the rules say to a recommendation on top of `current`, by what a device can know of it. */
export function predictRecommendation(
  { actor, sha256 }: DecideContext,
  current: Recommendation | null,
  incoming: Recommendation,
  observationAuthor: DeviceId | undefined,
): Decision {
  return decideRecommendation({
    actor,
    sha256,
    observationAuthor,
    incoming: canonicalRecord(incoming),
    timeMicros: timeOf(incoming),
    current: current ? { canonical: canonicalRecord(current), timeMicros: timeOf(current) } : undefined,
  })
}

// A record without `updatedAt` counts by the time of its batch, which no other device learns.
const timeOf = ({ updatedAt }: { updatedAt?: string | undefined }): number =>
  updatedAt === undefined ? 0 : instantMicros(updatedAt)

export function likelyConflict(decision: Decision | PatchDecision): LikelyConflict | null {
  if (decision.kind !== 'conflict') return null
  const { kind: _kind, ...conflict } = decision
  return conflict
}

type Saved = Observation | Recommendation

// Rights are the server's business: a device does not know for sure what it may do, only what has become of a record.
const ANYBODY: Actor = {
  kind: 'system',
  workspaceId: WorkspaceId.parse('this'),
  deviceId: DeviceId.parse('dev_this'),
  role: 'admin',
}

/** What the rules say to a write on top of a stored version, whoever makes it. Both are of one type. */
export function decideAsSystem(current: Saved, incoming: Saved, sha256: Sha256): Decision {
  const context = { actor: ANYBODY, sha256 }
  if ('recommendationId' in incoming) {
    return predictRecommendation(context, current as Recommendation, incoming, ANYBODY.deviceId)
  }
  return predictObservation(context, current as Observation, incoming)
}
