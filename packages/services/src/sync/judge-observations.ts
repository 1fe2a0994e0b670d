import type { Observation } from '@fieldsync/contracts'
import {
  type CanonicalRecord,
  decideObservation,
  type StoredObservation,
  writeTimeMicros,
} from '@fieldsync/domain'

import { nowMicros } from '../verb/clock.ts'
import { sha256 } from '../verb/sha256.ts'
import type { JudgeContext, Judgement } from './judgement.ts'
import { reportConflict } from './report-conflict.ts'
import type { Held, WorkingSet } from './working-set.ts'

/** Judges the observations of a batch in order (OBS rules), each on what the ones before it left. */
export function judgeObservations(
  context: JudgeContext,
  set: WorkingSet,
  records: readonly CanonicalRecord<Observation>[],
  judgement: Judgement,
): void {
  for (const incoming of records) {
    const id = incoming.record.observationId
    const held = set.observations.get(id)
    const timeMicros = writeTimeMicros(incoming.record, context.requestedAt, nowMicros(context.now))
    const decision = decideObservation({
      actor: context.actor,
      current: held?.state,
      incoming,
      timeMicros,
      sha256,
    })
    if (decision.kind === 'conflict') {
      const winner = held && {
        canonical: held.state.canonical,
        storedAt: held.changed ? null : held.storedAt,
      }
      judgement.conflicts.push(reportConflict(context, 'observation', id, incoming, decision, winner))
      continue
    }
    judgement.accepted.observations++
    if (decision.kind === 'duplicate') {
      if (held && decision.moveTime) {
        held.state = { ...held.state, timeMicros }
        held.moved = true
      }
      continue
    }
    judgement.changes.push({
      type: 'observation',
      id,
      kind: decision.change,
      before: held ? sha256(held.state.canonical.text) : null,
      after: sha256(incoming.text),
    })
    const state: StoredObservation = {
      canonical: incoming,
      timeMicros,
      corrections: held?.state.corrections ?? new Map(),
    }
    const { correction } = incoming.record
    if (decision.newCorrection && correction) {
      const contentSha256 = sha256(incoming.contentText)
      state.corrections = new Map(state.corrections).set(correction.correctionId, contentSha256)
      judgement.corrections.push({
        observationId: id,
        correctionId: correction.correctionId,
        contentSha256,
        before: held?.state.canonical.text ?? null,
        after: incoming.text,
      })
    }
    set.observations.set(id, changedTo(held, state))
  }
}

/** The record after an accepted write: still tied to the revision it was read at. */
export function changedTo<State>(held: Held<State> | undefined, state: State): Held<State> {
  return {
    state,
    revision: held?.revision ?? null,
    storedAt: held?.storedAt ?? null,
    storedText: held?.storedText ?? null,
    changed: true,
    moved: false,
  }
}
