import type { Observation, ObservationId } from '@fieldsync/contracts'

import type { Changeset } from '../core/changeset.ts'
import { transact, type EngineContext, readStore } from '../core/engine-context.ts'
import { likelyConflict, predictObservation } from '../core/likely-conflict.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import { isBlocked } from '../core/local-record.ts'
import {
  type EditConflict,
  editConflict,
  type EditOptions,
  isMadeOf,
  likelyOf,
  mergeObservation,
} from '../core/merge-edit.ts'
import { completeObservation, type ObservationDraft, readObservation } from '../core/observation-draft.ts'
import {
  type LikelyConflict,
  NO_BASE,
  type PreviewOutcome,
  type RefusedWrite,
  refused,
  type SaveOutcome,
} from '../core/save-outcome.ts'
import { emitSaved, parkWrite } from './park-write.ts'
import { basis, queueWrite, shown } from './queue-write.ts'

/** An edit as it is to be stored, on top of the newest version; `met` is why it cannot be queued. */
type ReadEdit = { ok: true; observation: Observation; met: EditConflict | null } | RefusedWrite

type Plan = {
  observation: Observation
  replaces: string | null
  met: EditConflict | null
  likelyConflict: LikelyConflict | null
}

/**
 * Stores an observation and queues it, in one transaction (ENG-2). A likely conflict is returned and refuses nothing. An edit
 * of a version that is no longer the newest is merged with that (ENG-37); where both changed the same it waits for a
 * person instead (ENG-38).
 */
export async function saveObservation(
  context: EngineContext,
  draft: ObservationDraft,
  options: EditOptions<Observation> = {},
): Promise<SaveOutcome<'observation'>> {
  const read = readObservation(draft)
  if (!read.ok) return read
  const { observation } = read
  return storeObservation(context, observation.observationId, (newest) => edit(observation, newest, options))
}

/**
 * As {@link saveObservation}, for an edit that is made of the newest version on the device.
 *
 * @param editOf called inside the transaction: it reads nothing else
 */
export async function storeObservation(
  context: EngineContext,
  id: ObservationId,
  editOf: (newest: Observation | null) => ReadEdit,
): Promise<SaveOutcome<'observation'>> {
  const now = context.clock.now()
  let parked: LocalConflict | null = null
  const outcome = await transact(context, async (changeset): Promise<SaveOutcome<'observation'>> => {
    const newest = shown(await changeset.read('observation', id))
    const read = editOf(newest)
    if (!read.ok) return read
    const planned = await plan(context, changeset, read, now)
    if (!planned.ok) return planned
    const { observation, replaces, met, likelyConflict: likely } = planned.plan
    const entry = { type: 'observation', id, document: observation, writtenAt: now } as const
    parked = met === null ? null : await parkWrite(changeset, entry, met, { server: newest })
    if (parked === null) queueWrite(changeset, entry, replaces)
    const record = changeset.record('observation', id)
    return { ok: true, record, likelyConflict: likely, conflictId: parked?.id ?? null }
  })
  if (outcome.ok) emitSaved(context, { type: 'observation', id }, parked)
  return outcome
}

/** What {@link saveObservation} would say; stores nothing. */
export async function previewObservation(
  context: EngineContext,
  draft: ObservationDraft,
  options: EditOptions<Observation> = {},
): Promise<PreviewOutcome> {
  const read = readObservation(draft)
  if (!read.ok) return read
  return readStore(context, async (changeset) => {
    const newest = shown(await changeset.read('observation', read.observation.observationId))
    const edited = edit(read.observation, newest, options)
    if (!edited.ok) return edited
    const planned = await plan(context, changeset, edited, context.clock.now())
    return planned.ok ? { ok: true, likelyConflict: planned.plan.likelyConflict } : planned
  })
}

/** What a draft changes, on top of the newest version. */
function edit(
  mine: Observation,
  newest: Observation | null,
  { basedOn }: EditOptions<Observation>,
): ReadEdit {
  if (basedOn === undefined) {
    // Another author's record under the same id is not what was edited: the server gives this one another id.
    const isOwn = newest !== null && newest.deviceId === mine.deviceId && !isMadeOf(mine, newest)
    return isOwn ? NO_BASE : { ok: true, observation: mine, met: null }
  }
  if (basedOn.observationId !== mine.observationId)
    return refused('/observationId', 'is not the one of basedOn', 'other_base')
  const { document, clashes } = newest
    ? mergeObservation(basedOn, mine, newest)
    : { document: mine, clashes: [] }
  return { ok: true, observation: document, met: editConflict(newest, clashes) }
}

async function plan(
  context: EngineContext,
  changeset: Changeset,
  { observation: read, met }: Extract<ReadEdit, { ok: true }>,
  now: number,
) {
  const record = await changeset.read('observation', read.observationId)
  const completed = completeObservation(read, shown(record), now, context.sha256)
  if (!completed.ok) return completed
  const { observation } = completed
  const { current, replaces } = await basis(changeset, record)
  return {
    ok: true as const,
    plan: { observation, replaces, met, likelyConflict: likely() } satisfies Plan,
  }

  function likely(): LikelyConflict | null {
    if (met !== null) return likelyOf(met)
    // Of a record that already waits for a person it says nothing new.
    return isBlocked(record) ? null : likelyConflict(predictObservation(context, current, observation))
  }
}
