import { type Observation, ObservationId } from '@fieldsync/contracts'

import type { EngineContext } from '../engine/engine-context.ts'
import { editTime, instantOf } from './edit-time.ts'
import { observedText } from './observation-checksum.ts'
import { readObservation } from './observation-draft.ts'
import { storeObservation } from './save-observation.ts'
import { refused, type SaveOutcome } from './save-outcome.ts'

/** What a person may change of an observation; whole values at the top level. */
export type ObservationChange = Partial<
  Omit<Observation, 'observationId' | 'deviceId' | 'deterministicChecksum' | 'updatedAt' | 'correction'>
>

/** A correction on top of `current`, with a reason (OBS-10); its checksum is computed when it is saved. */
export function corrected(
  context: EngineContext,
  current: Observation,
  changes: ObservationChange,
  reason: string,
): Observation {
  const now = context.clock.now()
  return {
    ...current,
    ...changes,
    updatedAt: editTime(now, current),
    correction: {
      correctionId: context.ids.correction(),
      reason,
      correctedAt: instantOf(now),
      supersedes: current.deterministicChecksum,
    },
  }
}

/** Saves a change of a confirmed observation as a correction of the latest version on the device (ENG-11). */
export async function correctObservation(
  context: EngineContext,
  observationId: string,
  changes: ObservationChange,
  reason: string,
): Promise<SaveOutcome<'observation'>> {
  const id = ObservationId.safeParse(observationId)
  if (!id.success) return refused('/observationId', 'is no id of an observation')
  return storeObservation(context, id.data, (edited) => {
    if (!edited) return refused('/observationId', 'is not on this device')
    const read = readObservation(corrected(context, edited, changes, reason))
    if (!read.ok || observedText(read.observation) !== observedText(edited)) return read
    return refused('', 'changes nothing of what was observed')
  })
}
