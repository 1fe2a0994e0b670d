import { type Observation, OBSERVATION_STATUSES } from '@fieldsync/contracts'

import type { EngineContext } from '../engine/engine-context.ts'
import { corrected, type ObservationChange } from '../writes/correct-observation.ts'
import { observedText } from '../writes/observation-checksum.ts'
import { readObservation, stampObservation } from '../writes/observation-draft.ts'
import { refused } from '../writes/save-outcome.ts'
import { relinked, requeue, versionBefore } from './requeue.ts'
import { type Resolved, resolveConflict } from './resolve-conflict.ts'

export type CorrectConflict = {
  reason: string
  /** What to change of the losing value before it is sent. */
  changes?: ObservationChange
}

/** Sends the losing observation as a correction of the version that the server has now. */
export const correctConflict = (
  context: EngineContext,
  conflictId: string,
  { reason, changes = {} }: CorrectConflict,
): Promise<Resolved> =>
  resolveConflict(context, conflictId, 'correct', async (ledger, { entityId, losing, place }) => {
    if (!('rawNoteText' in losing)) return refused('', 'only an observation is corrected')
    const at = { type: 'observation', id: entityId, place } as const
    // Of the record's own type.
    const before = (await versionBefore(ledger, at)) as Observation | null
    if (!before) return refused('', 'the server has no version to correct')
    const { observationId, deviceId } = before
    const wanted = { ...losing, ...changes, observationId, deviceId, status: furtherAlong(losing, before) }
    const read = readObservation(corrected(context, before, wanted, reason))
    if (!read.ok) return read
    const now = context.clock.now()
    const document = stampObservation(read.observation, before, now, context.sha256)
    if (observedText(document) === observedText(before)) {
      return refused('', 'changes nothing of what the server has: take over its version')
    }
    const first = { type: 'observation', id: entityId, document, writtenAt: now } as const
    await requeue(ledger, at, first, (entry) => relinked(entry, losing, document))
    return { ok: true, record: { type: 'observation', id: entityId } }
  })

const furtherAlong = (a: Observation, b: Observation): Observation['status'] =>
  OBSERVATION_STATUSES.indexOf(a.status) > OBSERVATION_STATUSES.indexOf(b.status) ? a.status : b.status
