import { type Observation, OBSERVATION_STATUSES } from '@fieldsync/contracts'

import type { EngineContext } from '../engine/engine-context.ts'
import { corrected, type ObservationChange } from '../writes/correct-observation.ts'
import { observedText } from '../writes/observation-checksum.ts'
import { readObservation, stampObservation } from '../writes/observation-draft.ts'
import { refused } from '../writes/save-outcome.ts'
import { relinked, requeue } from './requeue.ts'
import { type Resolved, resolveConflict } from './resolve-conflict.ts'

export type CorrectConflict = {
  reason: string
  /** What to change of the losing value before it is sent. */
  changes?: ObservationChange
}

/** Sends the losing observation as a correction of the version that the server has now. */
export const correctConflict = (
  context: EngineContext,
  id: string,
  { reason, changes = {} }: CorrectConflict,
): Promise<Resolved> =>
  resolveConflict(context, id, 'correct', async (ledger, { type, entityId, losing }) => {
    if (!('rawNoteText' in losing)) return refused('', 'only an observation is corrected')
    const { server } = ledger.record('observation', entityId)
    if (!server) return refused('', 'the server has no version to correct')
    const { observationId, deviceId } = server
    const wanted = { ...losing, ...changes, observationId, deviceId, status: furtherAlong(losing, server) }
    const read = readObservation(corrected(context, server, wanted, reason))
    if (!read.ok) return read
    const now = context.clock.now()
    const document = stampObservation(read.observation, server, now, context.sha256)
    if (observedText(document) === observedText(server)) {
      return refused('', 'changes nothing of what the server has: take over its version')
    }
    await requeue(
      ledger,
      { type: 'observation', id: entityId },
      { type: 'observation', id: entityId, document, writtenAt: now },
      (entry) => relinked(entry, losing, document),
    )
    return { ok: true, record: { type, id: entityId } }
  })

const furtherAlong = (a: Observation, b: Observation): Observation['status'] =>
  OBSERVATION_STATUSES.indexOf(a.status) > OBSERVATION_STATUSES.indexOf(b.status) ? a.status : b.status
