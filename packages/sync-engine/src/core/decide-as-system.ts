import { DeviceId, type Observation, type Recommendation, WorkspaceId } from '@fieldsync/contracts'
import type { Actor, Decision, Sha256 } from '@fieldsync/domain'

import { predictObservation, predictRecommendation } from './likely-conflict.ts'

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
