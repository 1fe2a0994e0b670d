import type { Recommendation } from '@fieldsync/contracts'
import { type CanonicalRecord, decideRecommendation, writeTimeMicros } from '@fieldsync/domain'

import { nowMicros } from '../core/context.ts'
import { sha256 } from '../core/json-text.ts'
import { type BatchDecisions, type DecideContext, reportConflict } from './decision.ts'
import { changedTo, changeOf, moveTime, putLast, winnerOf } from './working-record.ts'
import { authorOf, type WorkingSet } from './working-set.ts'

/** Judges the recommendations of a batch in order (REC rules), after its observations. */
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
    const decision = decideRecommendation({
      actor: context.actor,
      current: working?.state,
      observationAuthor: authorOf(set, observationId),
      incoming,
      timeMicros,
      sha256,
    })
    if (decision.kind === 'conflict') {
      const winner = winnerOf(working)
      decisions.refuse(
        reportConflict(context, 'recommendation', id, incoming, decision, winner),
        winner?.canonical.text.length ?? 0,
      )
      continue
    }
    decisions.accepted.recommendations++
    if (decision.kind === 'duplicate') {
      if (working && decision.moveTime) moveTime(working, timeMicros)
      continue
    }
    decisions.changes.push(changeOf('recommendation', id, decision.change, working, incoming))
    decisions.stateChanged('recommendation', id, working?.state.canonical, incoming)
    putLast(set.recommendations, id, changedTo(working, { canonical: incoming, timeMicros }))
  }
}
