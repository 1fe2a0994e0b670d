import type { Observation, ObservationId } from '@fieldsync/contracts'

import { change, type EngineContext, look } from '../engine/engine-context.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { isBlocked } from '../model/blank-record.ts'
import { judgeObservation, likelyConflict } from './likely-conflict.ts'
import {
  completeObservation,
  type ObservationDraft,
  type ReadDraft,
  readObservation,
} from './observation-draft.ts'
import { basis, queueWrite, shown } from './queue-write.ts'
import type { LikelyConflict, PreviewOutcome, SaveOutcome } from './save-outcome.ts'

type Plan = { observation: Observation; replaces: string | null; likelyConflict: LikelyConflict | null }

/** Stores an observation and queues it, in one transaction (ENG-2). A likely conflict is told and refuses nothing. */
export async function saveObservation(
  context: EngineContext,
  draft: ObservationDraft,
): Promise<SaveOutcome<'observation'>> {
  const read = readObservation(draft)
  return read.ok ? storeObservation(context, read.observation.observationId, () => read) : read
}

/**
 * As {@link saveObservation}, for a draft that is made of the latest version on the device.
 *
 * @param draftOf called inside the transaction: it reads nothing else
 */
export async function storeObservation(
  context: EngineContext,
  id: ObservationId,
  draftOf: (edited: Observation | null) => ReadDraft,
): Promise<SaveOutcome<'observation'>> {
  const now = context.clock.now()
  const outcome = await change(context, async (ledger): Promise<SaveOutcome<'observation'>> => {
    const read = draftOf(shown(await ledger.read('observation', id)))
    if (!read.ok) return read
    const planned = await plan(context, ledger, read.observation, now)
    if (!planned.ok) return planned
    const { observation, replaces, likelyConflict: likely } = planned.plan
    queueWrite(ledger, { type: 'observation', id, document: observation, writtenAt: now }, replaces)
    return { ok: true, record: ledger.record('observation', id), likelyConflict: likely }
  })
  if (outcome.ok) context.emit({ kind: 'saved', record: { type: 'observation', id } })
  return outcome
}

/** What {@link saveObservation} would say; stores nothing. */
export async function previewObservation(
  context: EngineContext,
  draft: ObservationDraft,
): Promise<PreviewOutcome> {
  const read = readObservation(draft)
  if (!read.ok) return read
  return look(context, async (ledger) => {
    const planned = await plan(context, ledger, read.observation, context.clock.now())
    return planned.ok ? { ok: true, likelyConflict: planned.plan.likelyConflict } : planned
  })
}

async function plan(context: EngineContext, ledger: Ledger, read: Observation, now: number) {
  const record = await ledger.read('observation', read.observationId)
  const completed = completeObservation(read, shown(record), now, context.sha256)
  if (!completed.ok) return completed
  const { observation } = completed
  const { current, replaces } = await basis(ledger, record)
  // Of a record that already waits for a person it says nothing new.
  const likely = isBlocked(record) ? null : likelyConflict(judgeObservation(context, current, observation))
  return { ok: true as const, plan: { observation, replaces, likelyConflict: likely } satisfies Plan }
}
