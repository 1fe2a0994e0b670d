import { instantMicros, Observation } from '@fieldsync/contracts'

import { canonicalRecord } from '../canonical.ts'
import type { StoredObservation } from '../rules/observation.ts'

/** A checksum that orders like its letter. */
export const checksum = (letter: string): string => `sha256:${letter.repeat(64)}`

/** A valid observation of `dev_author`, with changes. */
export function observation(changes: Record<string, unknown> = {}): Observation {
  return Observation.parse({
    observationId: 'obs_20260211_0001',
    deviceId: 'dev_author',
    createdAt: '2026-02-11T18:00:00Z',
    captureMode: 'typed',
    rawNoteText: 'White powder on the lower leaves',
    transcription: { text: 'White powder on the lower leaves', source: 'manual_typed', confidence: 1 },
    extraction: {
      crop: 'grape',
      fieldBlock: 'B7',
      issue: 'powdery_mildew',
      severity: 'moderate',
      symptoms: ['white powder'],
      observationTime: '2026-02-11T17:58:00Z',
    },
    normalization: { leafWetness: 'damp', windEstimateKph: 6 },
    location: { lat: 38.54, lon: -121.74 },
    status: 'draft',
    schemaVersion: '1.0.0',
    deterministicChecksum: checksum('b'),
    ...changes,
  })
}

/** A correction as a record carries it. */
export const correction = (correctionId: string, supersedes: string) => ({
  correctionId,
  reason: 'Wrong block',
  correctedAt: '2026-02-12T08:00:00Z',
  supersedes,
})

/** What the server stores after it accepted `record`, last written at its `updatedAt`. */
export function storedObservation(
  record: Observation,
  corrections: ReadonlyMap<string, string> = new Map(),
): StoredObservation {
  const timeMicros = instantMicros(record.updatedAt ?? record.createdAt)
  return { canonical: canonicalRecord(record), timeMicros, corrections }
}
