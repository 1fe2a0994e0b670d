import { randomBytes } from 'node:crypto'

import type { WorkspaceWrite } from '@fieldsync/db'

const SECRET_BYTES = 32

/** A write that changes nothing yet: what every write has, to be completed with `...`. */
export function baseWrite(
  required: Pick<
    WorkspaceWrite,
    'workspaceId' | 'deviceId' | 'epoch' | 'operation' | 'now' | 'auditPrefix' | 'auditSuffix'
  >,
): WorkspaceWrite {
  return {
    idempotencyKey: null,
    syncId: null,
    requestSha256: null,
    cursor: null,
    position: 0,
    head: null,
    maxRecords: null,
    maxBytes: 0,
    guards: null,
    moved: null,
    newObservations: null,
    newObservationDocuments: null,
    changedObservations: null,
    changedObservationDocuments: null,
    corrections: null,
    newRecommendations: null,
    newRecommendationDocuments: null,
    changedRecommendations: null,
    changedRecommendationDocuments: null,
    playbooks: null,
    versions: null,
    patches: null,
    conflicts: null,
    positions: 0,
    stateDelta: null,
    secret: randomBytes(SECRET_BYTES),
    metadata: null,
    metadataMicros: null,
    report: null,
    resolved: null,
    responseStart: '',
    responseMiddle: '',
    responseEnd: '',
    counts: null,
    ...required,
  }
}
