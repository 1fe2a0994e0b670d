import { parseInput, Recommendation } from '@fieldsync/contracts'
import type { z } from 'zod'

import { change, type EngineContext, look } from '../engine/engine-context.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { isBlocked } from '../model/blank-record.ts'
import { editTime } from './edit-time.ts'
import { judgeRecommendation, likelyConflict } from './likely-conflict.ts'
import { basis, queueWrite, shown } from './queue-write.ts'
import type { PreviewOutcome, SaveOutcome } from './save-outcome.ts'

/** A recommendation as an app hands it over; the time of the edit is filled in unless it brings a new one. */
export type RecommendationDraft = z.input<typeof Recommendation>

/**
 * Stores a recommendation and queues it, in one transaction (ENG-2). A likely conflict is told and refuses nothing.
 */
export async function saveRecommendation(
  context: EngineContext,
  draft: RecommendationDraft,
): Promise<SaveOutcome<'recommendation'>> {
  const parsed = parseInput(Recommendation, draft)
  if (!parsed.ok) return { ok: false, issues: parsed.issues }
  const id = parsed.value.recommendationId
  const now = context.clock.now()
  const outcome = await change(context, async (ledger): Promise<SaveOutcome<'recommendation'>> => {
    const planned = await plan(context, ledger, parsed.value, now)
    const { recommendation, replaces } = planned
    queueWrite(ledger, { type: 'recommendation', id, document: recommendation, writtenAt: now }, replaces)
    const record = ledger.record('recommendation', id)
    return { ok: true, record, likelyConflict: planned.likelyConflict }
  })
  context.emit({ kind: 'saved', record: { type: 'recommendation', id } })
  return outcome
}

/** What {@link saveRecommendation} would say; stores nothing. */
export async function previewRecommendation(
  context: EngineContext,
  draft: RecommendationDraft,
): Promise<PreviewOutcome> {
  const parsed = parseInput(Recommendation, draft)
  if (!parsed.ok) return { ok: false, issues: parsed.issues }
  return look(context, async (ledger) => {
    const { likelyConflict: likely } = await plan(context, ledger, parsed.value, context.clock.now())
    return { ok: true, likelyConflict: likely }
  })
}

async function plan(context: EngineContext, ledger: Ledger, read: Recommendation, now: number) {
  const { recommendationId, observationId } = read
  await ledger.load([
    { type: 'recommendation', id: recommendationId },
    { type: 'observation', id: observationId },
  ])
  const record = ledger.record('recommendation', recommendationId)
  const edited = shown(record)
  const recommendation = { ...read, updatedAt: editTime(now, edited, read) }
  const { current, replaces } = await basis(ledger, record)
  const author = shown(ledger.record('observation', observationId))?.deviceId
  const likely = isBlocked(record)
    ? null
    : likelyConflict(judgeRecommendation(context, current, recommendation, author))
  return { recommendation, replaces, likelyConflict: likely }
}
