import type { Observation } from '@fieldsync/contracts'
import {
  type CanonicalRecord,
  decideObservation,
  type StoredObservation,
  writeTimeMicros,
} from '@fieldsync/domain'

import { nowMicros } from '../core/context.ts'
import { sha256 } from '../core/json-text.ts'
import { type BatchDecisions, type DecideContext, reportConflict } from './decision.ts'
import { changedTo, changeOf, moveTime, putLast, winnerOf } from './working-record.ts'
import type { WorkingSet } from './working-set.ts'

/** Judges the observations of a batch in order (OBS rules), each on what the ones before it left. */
export function decideObservations(
  context: DecideContext,
  set: WorkingSet,
  records: readonly CanonicalRecord<Observation>[],
  decisions: BatchDecisions,
): void {
  for (const incoming of records) {
    if (!decisions.conflictsFit) return
    const id = incoming.record.observationId
    const working = set.observations.get(id)
    const timeMicros = writeTimeMicros(incoming.record, context.requestedAt, nowMicros(context.now))
    const decision = decideObservation({
      actor: context.actor,
      current: working?.state,
      incoming,
      timeMicros,
      sha256,
    })
    if (decision.kind === 'conflict') {
      const winner = winnerOf(working)
      decisions.refuse(
        reportConflict(context, 'observation', id, incoming, decision, winner),
        winner?.canonical.text.length ?? 0,
      )
      continue
    }
    decisions.accepted.observations++
    if (decision.kind === 'duplicate') {
      if (working && decision.moveTime) moveTime(working, timeMicros)
      continue
    }
    decisions.changes.push(changeOf('observation', id, decision.change, working, incoming))
    decisions.stateChanged('observation', id, working?.state.canonical, incoming)
    const state: StoredObservation = {
      canonical: incoming,
      timeMicros,
      corrections: working?.state.corrections ?? new Map(),
    }
    const { correction } = incoming.record
    if (decision.newCorrection && correction) {
      const contentSha256 = sha256(incoming.contentText)
      state.corrections = new Map(state.corrections).set(correction.correctionId, contentSha256)
      decisions.corrections.push({
        observationId: id,
        correctionId: correction.correctionId,
        contentSha256,
        before: working?.state.canonical.text ?? null,
        after: incoming.text,
      })
    }
    putLast(set.observations, id, changedTo(working, state))
  }
}
