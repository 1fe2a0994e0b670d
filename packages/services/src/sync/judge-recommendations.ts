import type { Recommendation } from '@fieldsync/contracts'
import { type CanonicalRecord, decideRecommendation, writeTimeMicros } from '@fieldsync/domain'

import { nowMicros } from '../verb/clock.ts'
import { sha256 } from '../verb/sha256.ts'
import { changedTo } from './judge-observations.ts'
import type { JudgeContext, Judgement } from './judgement.ts'
import { reportConflict } from './report-conflict.ts'
import { authorOf, type WorkingSet } from './working-set.ts'

/** Judges the recommendations of a batch in order (REC rules), after its observations. */
export function judgeRecommendations(
  context: JudgeContext,
  set: WorkingSet,
  records: readonly CanonicalRecord<Recommendation>[],
  judgement: Judgement,
): void {
  for (const incoming of records) {
    const { recommendationId: id, observationId } = incoming.record
    const held = set.recommendations.get(id)
    const timeMicros = writeTimeMicros(incoming.record, context.requestedAt, nowMicros(context.now))
    const decision = decideRecommendation({
      actor: context.actor,
      current: held?.state,
      observationAuthor: authorOf(set, observationId),
      incoming,
      timeMicros,
      sha256,
    })
    if (decision.kind === 'conflict') {
      const winner = held && {
        canonical: held.state.canonical,
        storedAt: held.changed ? null : held.storedAt,
      }
      judgement.conflicts.push(reportConflict(context, 'recommendation', id, incoming, decision, winner))
      continue
    }
    judgement.accepted.recommendations++
    if (decision.kind === 'duplicate') {
      if (held && decision.moveTime) {
        held.state = { ...held.state, timeMicros }
        held.moved = true
      }
      continue
    }
    judgement.changes.push({
      type: 'recommendation',
      id,
      kind: decision.change,
      before: held ? sha256(held.state.canonical.text) : null,
      after: sha256(incoming.text),
    })
    set.recommendations.set(id, changedTo(held, { canonical: incoming, timeMicros }))
  }
}
