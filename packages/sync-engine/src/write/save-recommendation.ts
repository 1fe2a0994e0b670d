import { parseInput, Recommendation } from '@fieldsync/contracts'
import type { z } from 'zod'

import type { Changeset } from '../core/changeset.ts'
import { transact, type EngineContext, readStore } from '../core/engine-context.ts'
import { likelyConflict, predictRecommendation } from '../core/likely-conflict.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import { isBlocked } from '../core/local-record.ts'
import {
  type EditConflict,
  editConflict,
  type EditOptions,
  isMadeOf,
  likelyOf,
  mergeRecommendation,
} from '../core/merge-edit.ts'
import { editTime } from '../core/observation-draft.ts'
import {
  breaksContract,
  type LikelyConflict,
  NO_BASE,
  type PreviewOutcome,
  type RefusedWrite,
  refused,
  type SaveOutcome,
} from '../core/save-outcome.ts'
import { takeObservationAlong } from '../recover/resend-local-only.ts'
import { emitSaved, parkWrite } from './park-write.ts'
import { basis, queueWrite, shown } from './queue-write.ts'

/** A recommendation as an app hands it over; the time of the edit is filled in unless it brings a new one. */
export type RecommendationDraft = z.input<typeof Recommendation>

/**
 * Stores a recommendation and queues it, in one transaction (ENG-2). A likely conflict is returned and refuses nothing. An
 * edit of a version that is no longer the newest is merged with that, as of an observation (ENG-37, ENG-38).
 */
export async function saveRecommendation(
  context: EngineContext,
  draft: RecommendationDraft,
  options: EditOptions<Recommendation> = {},
): Promise<SaveOutcome<'recommendation'>> {
  const parsed = parseInput(Recommendation, draft)
  if (!parsed.ok) return breaksContract(Recommendation, draft)
  const id = parsed.value.recommendationId
  const now = context.clock.now()
  let parked: LocalConflict | null = null
  const outcome = await transact(context, async (changeset): Promise<SaveOutcome<'recommendation'>> => {
    const planned = await plan(context, changeset, parsed.value, now, options)
    if (!planned.ok) return planned
    const { recommendation, replaces, met, newest, likelyConflict: likely } = planned
    const entry = { type: 'recommendation', id, document: recommendation, writtenAt: now } as const
    parked = met === null ? null : await parkWrite(changeset, entry, met, { server: newest })
    if (parked === null) {
      await takeObservationAlong(context, changeset, recommendation.observationId)
      queueWrite(changeset, entry, replaces)
    }
    const record = changeset.record('recommendation', id)
    return { ok: true, record, likelyConflict: likely, conflictId: parked?.id ?? null }
  })
  if (outcome.ok) emitSaved(context, { type: 'recommendation', id }, parked)
  return outcome
}

/** What {@link saveRecommendation} would say; stores nothing. */
export async function previewRecommendation(
  context: EngineContext,
  draft: RecommendationDraft,
  options: EditOptions<Recommendation> = {},
): Promise<PreviewOutcome> {
  const parsed = parseInput(Recommendation, draft)
  if (!parsed.ok) return breaksContract(Recommendation, draft)
  return readStore(context, async (changeset) => {
    const planned = await plan(context, changeset, parsed.value, context.clock.now(), options)
    return planned.ok ? { ok: true, likelyConflict: planned.likelyConflict } : planned
  })
}

type Planned =
  | {
      ok: true
      recommendation: Recommendation
      newest: Recommendation | null
      replaces: string | null
      met: EditConflict | null
      likelyConflict: LikelyConflict | null
    }
  | RefusedWrite

async function plan(
  context: EngineContext,
  changeset: Changeset,
  read: Recommendation,
  now: number,
  options: EditOptions<Recommendation>,
): Promise<Planned> {
  const { recommendationId, observationId } = read
  await changeset.load([
    { type: 'recommendation', id: recommendationId },
    { type: 'observation', id: observationId },
  ])
  const record = changeset.record('recommendation', recommendationId)
  const newest = shown(record)
  const edited = edit(read, newest, options)
  if (!edited.ok) return edited
  const { met } = edited
  const recommendation = { ...edited.document, updatedAt: editTime(now, newest, edited.document) }
  const { current, replaces } = await basis(changeset, record)
  const author = shown(changeset.record('observation', observationId))?.deviceId
  const predicted = () => likelyConflict(predictRecommendation(context, current, recommendation, author))
  // Of a record that already waits for a person the rules say nothing new.
  const likely = met !== null ? likelyOf(met) : isBlocked(record) ? null : predicted()
  return { ok: true, recommendation, newest, replaces, met, likelyConflict: likely }
}

/** What a draft changes, on top of the newest version. */
function edit(
  mine: Recommendation,
  newest: Recommendation | null,
  { basedOn }: EditOptions<Recommendation>,
): { ok: true; document: Recommendation; met: EditConflict | null } | RefusedWrite {
  if (basedOn === undefined) {
    // Under another observation it is another record by the same id, which the server refuses (REC-3).
    const isOwn = newest !== null && newest.observationId === mine.observationId && !isMadeOf(mine, newest)
    return isOwn ? NO_BASE : { ok: true, document: mine, met: null }
  }
  if (basedOn.recommendationId !== mine.recommendationId) {
    return refused('/recommendationId', 'is not the one of basedOn', 'other_base')
  }
  const { document, clashes } = newest
    ? mergeRecommendation(basedOn, mine, newest)
    : { document: mine, clashes: [] }
  return { ok: true, document, met: editConflict(newest, clashes) }
}
