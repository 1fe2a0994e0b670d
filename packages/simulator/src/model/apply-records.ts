import type { Observation, Recommendation } from '@fieldsync/contracts'
import {
  canonicalRecord,
  canonicalText,
  decideObservation,
  decideRecommendation,
  writeTimeMicros,
} from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import { type Batch, instantOf, microsOf } from './batch.ts'
import { refuseRecord } from './refuse-record.ts'

/** Gives one observation its outcome, on what the records before it left (OBS rules). */
export function applyObservation(batch: Batch, record: Observation): void {
  const { workspace, actor, now } = batch
  const id = record.observationId
  const stored = workspace.observations.get(id)
  const incoming = canonicalRecord(record)
  const timeMicros = writeTimeMicros(record, batch.requestedAt, microsOf(now))
  const history = workspace.corrections.filter((each) => each.observationId === id)
  const corrections = new Map(history.map((each) => [each.correctionId, each.contentSha256]))
  const current = stored && {
    canonical: canonicalRecord(stored.record),
    timeMicros: stored.timeMicros,
    corrections,
  }
  const decision = decideObservation({ actor, current, incoming, timeMicros, sha256 })
  if (decision.kind === 'conflict') {
    refuseRecord(batch, { entityType: 'observation', entityId: id, incoming: record }, decision, stored)
    return
  }
  batch.accepted.observations++
  if (decision.kind === 'duplicate') {
    if (stored && decision.moveTime) stored.timeMicros = timeMicros
    return
  }
  const before = stored?.record ?? null
  batch.changes.push({
    type: 'observation',
    id,
    kind: decision.change,
    before: before && sha256(canonicalText(before)),
    after: sha256(canonicalText(record)),
  })
  if (decision.newCorrection && record.correction) {
    workspace.corrections.push({
      observationId: id,
      correctionId: record.correction.correctionId,
      deviceId: actor.deviceId,
      contentSha256: sha256(incoming.contentText),
      before,
      after: record,
      acceptedAt: instantOf(now),
    })
  }
  workspace.deleted.delete(`observation/${id}`)
  workspace.observations.set(id, { record, timeMicros, storedAt: instantOf(now), position: batch.append() })
}

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
  const isNew = batch.written.get(id)?.isNew ?? stored === undefined
  batch.written.delete(id)
  batch.written.set(id, { isNew })
  workspace.deleted.delete(`recommendation/${id}`)
  workspace.recommendations.set(id, {
    record,
    timeMicros,
    storedAt: instantOf(now),
    position: batch.append(),
  })
}
