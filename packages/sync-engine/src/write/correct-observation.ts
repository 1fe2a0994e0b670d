import { type Observation, ObservationId } from '@fieldsync/contracts'

import type { EngineContext } from '../core/engine-context.ts'
import { editConflict, type EditOptions, mergeObservation } from '../core/merge-edit.ts'
import { editTime, instantOf, observedText, readObservation } from '../core/observation-draft.ts'
import { refused, type SaveOutcome } from '../core/save-outcome.ts'
import { storeObservation } from './save-observation.ts'

type Editable = Omit<
  Observation,
  'observationId' | 'deviceId' | 'deterministicChecksum' | 'updatedAt' | 'correction'
>
type Members<T> = { [K in keyof T]?: T[K] | undefined }

/**
 * What to change of an observation: only what is named here. Of `extraction` and `normalization` the members that are
 * named; everything else is given whole. A member that is there and `undefined` is removed.
 */
export type ObservationChange = Members<Omit<Editable, 'extraction' | 'normalization'>> & {
  extraction?: Members<Editable['extraction']>
  normalization?: Members<Editable['normalization']>
}

/** An observation with some of its values changed; whether it still keeps the contract is to be read. */
export const withChanges = (current: Observation, changes: ObservationChange): Observation =>
  ({
    ...current,
    ...changes,
    extraction: { ...current.extraction, ...changes.extraction },
    normalization: { ...current.normalization, ...changes.normalization },
  }) as Observation

/** `wanted` as a correction of `current`, with a reason (OBS-10); its checksum is computed when it is saved. */
export function corrected(
  context: EngineContext,
  current: Observation,
  wanted: Observation,
  reason: string,
): Observation {
  const now = context.clock.now()
  return {
    ...wanted,
    observationId: current.observationId,
    deviceId: current.deviceId,
    deterministicChecksum: current.deterministicChecksum,
    updatedAt: editTime(now, current),
    correction: {
      correctionId: context.ids.correction(),
      reason,
      correctedAt: instantOf(now),
      supersedes: current.deterministicChecksum,
    },
  }
}

/**
 * Saves a change of a confirmed observation as a correction of the latest version on the device (ENG-11). Only what
 * differs from the version that it started from is changed (ENG-37).
 */
export async function correctObservation(
  context: EngineContext,
  observationId: string,
  changes: ObservationChange,
  reason: string,
  { basedOn }: EditOptions<Observation> = {},
): Promise<SaveOutcome<'observation'>> {
  const id = ObservationId.safeParse(observationId)
  if (!id.success) return refused('/observationId', 'is no id of an observation', 'wrong_id')
  return storeObservation(context, id.data, (newest) => {
    const base = basedOn ?? newest
    if (!base) return refused('/observationId', 'is not on this device', 'not_here')
    if (base.observationId !== id.data)
      return refused('/observationId', 'is not the one of basedOn', 'other_base')
    const wanted = withChanges(base, changes)
    const current = newest ?? base
    const { document, clashes } = mergeObservation(base, wanted, current)
    const read = readObservation(corrected(context, current, document, reason))
    if (!read.ok) return read
    const met = editConflict(newest, clashes)
    if (met === null && observedText(read.observation) === observedText(current)) {
      return refused('', 'changes nothing of what was observed', 'no_change')
    }
    return { ...read, met }
  })
}
