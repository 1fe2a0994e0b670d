import type { Observation } from '@fieldsync/contracts'

import type { EngineContext } from '../core/engine-context.ts'
import { type EditOptions, mergeObservation } from '../core/merge-edit.ts'
import { furtherAlong, observedText, readObservation, stampObservation } from '../core/observation-draft.ts'
import { followEdit, requeue, versionBefore } from '../core/requeue.ts'
import { refused, type Resolved } from '../core/save-outcome.ts'
import { corrected, type ObservationChange, withChanges } from '../write/correct-observation.ts'
import { existingVersion, followInConflicts, showing } from './existing-version.ts'
import { decideAgain, resolveConflict } from './resolve-conflict.ts'

export type CorrectConflict = EditOptions<Observation> & {
  reason: string
  /** What to change of the losing value before it is sent. */
  changes?: ObservationChange
}

/**
 * Sends the losing observation as a correction of the newest version: what differs from the version that the person saw
 * beside it, `basedOn` or else the one that the conflict shows (ENG-40).
 */
export const correctConflict = (
  context: EngineContext,
  conflictId: string,
  { reason, changes = {}, basedOn }: CorrectConflict,
): Promise<Resolved> =>
  resolveConflict(context, conflictId, 'correct', async (changeset, conflict) => {
    const { entityId, losing, place } = conflict
    if (!('rawNoteText' in losing)) return refused('', 'only an observation is corrected', 'other_choice')
    if (basedOn && basedOn.observationId !== entityId)
      return refused('/observationId', 'is not the one of basedOn', 'other_base')
    const at = { type: 'observation', id: entityId, place } as const
    // Of the record's own type.
    const before = (await versionBefore(changeset, at)) as Observation | null
    if (!before) return refused('', 'the server has no version to correct', 'no_server_version')
    const met = basedOn ?? (existingVersion(conflict) as Observation | null) ?? before
    const { document: wanted, clashes } = mergeObservation(met, withChanges(losing, changes), before)
    if (clashes.length > 0) return decideAgain(clashes, showing({ ...conflict, losing: wanted }, before))
    const { status } = furtherAlong(losing, before)
    const read = readObservation(corrected(context, before, { ...wanted, status }, reason))
    if (!read.ok) return read
    const now = context.clock.now()
    const document = stampObservation(read.observation, before, now, context.sha256)
    if (observedText(document) === observedText(before)) {
      return refused('', 'changes nothing of what the server has: take over its version', 'no_change')
    }
    const first = { type: 'observation', id: entityId, document, writtenAt: now } as const
    await requeue(changeset, at, first, followEdit(context, losing, document))
    await followInConflicts(changeset, conflict, document)
    return { ok: true, record: { type: 'observation', id: entityId } }
  })
