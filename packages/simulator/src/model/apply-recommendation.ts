import type { Recommendation } from '@fieldsync/contracts'
import { canonicalRecord, canonicalText, decideRecommendation, writeTimeMicros } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import { type Batch, instantOf, microsOf } from './batch.ts'
import { refuseRecord } from './refuse-record.ts'

/** Gives one recommendation its outcome, on what the records before it left (REC rules). */
export function applyRecommendation(batch: Batch, record: Recommendation): void {
  const { workspace, actor, now } = batch
  const id = record.recommendationId
  const stored = workspace.recommendations.get(id)
  const timeMicros = writeTimeMicros(record, batch.requestedAt, microsOf(now))
  const decision = decideRecommendation({
    actor,
    current: stored && { canonical: canonicalRecord(stored.record), timeMicros: stored.timeMicros },
    observationAuthor: workspace.observations.get(record.observationId)?.record.deviceId,
    incoming: canonicalRecord(record),
    timeMicros,
    sha256,
  })
  if (decision.kind === 'conflict') {
    refuseRecord(batch, { entityType: 'recommendation', entityId: id, incoming: record }, decision, stored)
    return
  }
  batch.accepted.recommendations++
  if (decision.kind === 'duplicate') {
    if (stored && decision.moveTime) stored.timeMicros = timeMicros
    return
  }
  batch.changes.push({
    type: 'recommendation',
    id,
    kind: decision.change,
    before: stored ? sha256(canonicalText(stored.record)) : null,
    after: sha256(canonicalText(record)),
  })
  workspace.deleted.delete(`recommendation/${id}`)
  workspace.recommendations.set(id, {
    record,
    timeMicros,
    storedAt: instantOf(now),
    position: batch.append(),
  })
}
