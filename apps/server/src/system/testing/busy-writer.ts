import {
  checksumOf,
  device,
  observation,
  type ObservationInput,
  playbookPatch,
  recommendation,
  type SeededRandom,
  syncBatch,
  type SyncBatchInput,
} from '@fieldsync/testkit'

import type { DeviceCopy } from './device-copy.ts'

const MOST_CHANGES = 5

/** Unique instants after those of new records, so that no two edits of a round have equal times. */
export function tickingClock(): () => string {
  let millis = Date.parse('2026-02-12T00:00:00.000Z')
  return () => new Date(millis++).toISOString()
}

/**
 * Builds the next batch of a device from its copy: new records, edits of drafts (an agronomist's also of others'),
 * confirmations, corrections, recommendations and patches. No two writes have the same content, so that every accepted
 * record is a change.
 */
export function busyBatch(
  self: { readonly deviceId: string; readonly mayCorrect: boolean },
  copy: DeviceCopy,
  rng: SeededRandom,
  now: () => string,
): SyncBatchInput {
  const observations = new Map<string, ObservationInput>()
  for (let change = rng.int(1, MOST_CHANGES); change > 0; change--) {
    const known = [...copy.observations.values()].filter(
      (record) => self.mayCorrect || record.deviceId === self.deviceId,
    )
    const [first, ...others] = known
    const next =
      first === undefined || rng.fraction() < 0.4
        ? observation({ deviceId: self.deviceId, status: rng.pick(['draft', 'draft', 'confirmed']) }, rng)
        : edited(rng.pick([first, ...others]), rng, now)
    observations.set(next.observationId, next)
  }
  const at = now()
  const own = [...observations.values()].filter(({ deviceId }) => deviceId === self.deviceId)
  const advice = own
    .filter(() => rng.fraction() < 0.3)
    .map(({ observationId }) => recommendation({ observationId }, rng))
  const pending = [...copy.recommendations.values()].find(
    ({ status, observationId }) =>
      status === 'pending_confirmation' && copy.observations.get(observationId)?.deviceId === self.deviceId,
  )
  if (pending !== undefined && rng.fraction() < 0.5) {
    advice.push({
      ...pending,
      action: `${pending.action} Decided at ${at}.`,
      status: 'confirmed',
      updatedAt: at,
    })
  }
  const patch = playbookPatch(
    { requestedByDeviceId: self.deviceId, baseVersion: copy.playbookVersion || 3 },
    rng,
  )
  return syncBatch(
    {
      device: device({ deviceId: self.deviceId }),
      requestedAt: at,
      lastKnownServerCursor: copy.cursor,
      maxDownstream: rng.int(1, 40),
      observations: [...observations.values()],
      recommendations: advice,
      playbookPatches: self.mayCorrect && rng.fraction() < 0.3 ? [patch] : [],
    },
    rng,
  )
}

function edited(record: ObservationInput, rng: SeededRandom, now: () => string): ObservationInput {
  const at = now()
  const { correction: _done, ...content } = {
    ...record,
    rawNoteText: `Looked again at ${at}.`,
    updatedAt: at,
  }
  const next = { ...content, deterministicChecksum: checksumOf(content) }
  if (record.status === 'draft') return { ...next, status: rng.pick(['draft', 'confirmed']) }
  const correction = {
    correctionId: `cor_${at}`,
    reason: 'Looked again',
    correctedAt: at,
    supersedes: record.deterministicChecksum,
  }
  return { ...next, correction }
}
