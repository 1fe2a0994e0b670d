import type { Observation, Recommendation } from '@fieldsync/contracts'
import {
  type AuditChange,
  type CanonicalRecord,
  type ConflictDecision,
  type Decision,
  decideObservation,
  decideRecommendation,
  erasedConflict,
  type StoredObservation,
  type StoredRecommendation,
  writeTimeMicros,
} from '@fieldsync/domain'

import { nowMicros } from '../core/context.ts'
import { sha256 } from '../core/json-text.ts'
import { type BatchDecisions, type DecideContext, reportConflict } from './decision.ts'
import { authorOf, type WorkingRecord, type WorkingSet } from './working-set.ts'

/** Decides the observations of a batch in order (OBS rules), each on what the ones before it left. */
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
    const decision = set.erased.has(`observation ${id}`)
      ? erasedConflict('/observationId')
      : decideObservation({ actor: context.actor, current: working?.state, incoming, timeMicros, sha256 })
    if (
      !fileDecision(context, decisions, { type: 'observation', id, incoming, working, timeMicros }, decision)
    )
      continue
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

/** Decides the recommendations of a batch in order (REC rules), after its observations. */
export function decideRecommendations(
  context: DecideContext,
  set: WorkingSet,
  records: readonly CanonicalRecord<Recommendation>[],
  decisions: BatchDecisions,
): void {
  for (const incoming of records) {
    if (!decisions.conflictsFit) return
    const { recommendationId: id, observationId } = incoming.record
    const working = set.recommendations.get(id)
    const timeMicros = writeTimeMicros(incoming.record, context.requestedAt, nowMicros(context.now))
    const decision =
      erasedIn(set, id, observationId) ??
      decideRecommendation({
        actor: context.actor,
        current: working?.state,
        observationAuthor: authorOf(set, observationId),
        incoming,
        timeMicros,
        sha256,
      })
    if (
      !fileDecision(
        context,
        decisions,
        { type: 'recommendation', id, incoming, working, timeMicros },
        decision,
      )
    )
      continue
    putLast(set.recommendations, id, changedTo(working, { canonical: incoming, timeMicros }))
  }
}

/** A recommendation was erased, or the observation that it rests on. */
function erasedIn(set: WorkingSet, id: string, observationId: string): ConflictDecision | undefined {
  if (set.erased.has(`recommendation ${id}`)) return erasedConflict('/recommendationId')
  return set.erased.has(`observation ${observationId}`) ? erasedConflict('/observationId') : undefined
}

type Stored = { canonical: CanonicalRecord<object>; timeMicros: number }

type Decided<State> = {
  type: 'observation' | 'recommendation'
  id: string
  incoming: CanonicalRecord<Observation> | CanonicalRecord<Recommendation>
  working: WorkingRecord<State> | undefined
  timeMicros: number
}

/** Files what was decided about a record. @returns whether it was accepted as a change */
function fileDecision<State extends StoredObservation | StoredRecommendation>(
  context: DecideContext,
  decisions: BatchDecisions,
  { type, id, incoming, working, timeMicros }: Decided<State>,
  decision: Decision,
): decision is Extract<Decision, { kind: 'accept' }> {
  if (decision.kind === 'conflict') {
    const winner = winnerOf(working)
    decisions.refuse(
      reportConflict(context, type, id, incoming, decision, winner),
      winner?.canonical.text.length ?? 0,
    )
    return false
  }
  decisions.accepted[`${type}s`]++
  if (decision.kind === 'duplicate') {
    if (working && decision.moveTime) moveTime(working, timeMicros)
    return false
  }
  decisions.changes.push(changeOf(type, id, decision.change, working, incoming))
  decisions.stateChanged(type, id, working?.state.canonical, incoming)
  return true
}

/** The record that won over an incoming one, with the time the server stored it; null if this batch did. */
function winnerOf<State extends Stored>(
  working: WorkingRecord<State> | undefined,
): { canonical: State['canonical']; storedAt: Date | null } | undefined {
  return (
    working && { canonical: working.state.canonical, storedAt: working.changed ? null : working.storedAt }
  )
}

/** Moves the effective time of a record that came again with the same content (OBS-22, REC-10). */
function moveTime<State extends Stored>(working: WorkingRecord<State>, timeMicros: number): void {
  working.state = { ...working.state, timeMicros }
  working.moved = true
}

/** The record after an accepted write: still tied to the revision it was read at. */
function changedTo<State>(working: WorkingRecord<State> | undefined, state: State): WorkingRecord<State> {
  return {
    state,
    revision: working?.revision ?? null,
    storedAt: working?.storedAt ?? null,
    changed: true,
    moved: false,
  }
}

/**
 * Keeps the record as the last one that was accepted: positions are given in this order, also to records that were
 * stored before, which were read in any (DWN-4).
 */
function putLast<State>(
  records: Map<string, WorkingRecord<State>>,
  id: string,
  working: WorkingRecord<State>,
): void {
  records.delete(id)
  records.set(id, working)
}

/** What the audit says of an accepted write (AUD-4). */
function changeOf<State extends Stored>(
  type: string,
  id: string,
  kind: string,
  working: WorkingRecord<State> | undefined,
  incoming: { text: string },
): AuditChange {
  return {
    type,
    id,
    kind,
    before: working ? sha256(working.state.canonical.text) : null,
    after: sha256(incoming.text),
  }
}
