import { z } from 'zod'

import { CorrectionId, DeviceId, ObservationId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { innerArray, NoteText, RequiredText, ShortText } from '../text.ts'
import {
  CanopyTemperatureC,
  Crop,
  Issue,
  ObservationLocation,
  Severity,
  UnitInterval,
} from './field-terms.ts'
import { JsonPointer } from './json-pointer.ts'

export const OBSERVATION_STATUSES = ['draft', 'confirmed', 'logged'] as const
export const ObservationStatus = z.enum(OBSERVATION_STATUSES)
export type ObservationStatus = z.infer<typeof ObservationStatus>

/** The client's own digest of an observation's content; the server compares it, never recomputes it. */
export const DeterministicChecksum = z
  .string()
  .regex(/^sha256:[A-Fa-f0-9]{8,64}$/, 'must look like sha256: and 8 to 64 hex digits')
export type DeterministicChecksum = z.infer<typeof DeterministicChecksum>

/** An explicit correction of a confirmed observation; `supersedes` is the checksum being corrected. */
export const ObservationCorrection = z.strictObject({
  correctedAt: Instant,
  correctionId: CorrectionId,
  reason: RequiredText,
  supersedes: DeterministicChecksum,
})
export type ObservationCorrection = z.infer<typeof ObservationCorrection>

/** What a scout saw in one block at one time. Members in the order of RFC 8785, so that a parsed record is canonical. */
export const Observation = z
  .strictObject({
    captureMode: z.enum(['voice', 'typed']),
    correction: ObservationCorrection.optional(),
    createdAt: Instant,
    deterministicChecksum: DeterministicChecksum,
    deviceId: DeviceId,
    extraction: z.strictObject({
      crop: Crop,
      fieldBlock: ShortText,
      issue: Issue,
      observationTime: Instant,
      severity: Severity,
      symptoms: innerArray(ShortText, 1),
      variety: ShortText.optional(),
    }),
    location: ObservationLocation,
    normalization: z.strictObject({
      leafWetness: z.enum(['dry', 'damp', 'wet', 'unknown']),
      temperatureC: CanopyTemperatureC.optional(),
      windEstimateKph: z.number().min(0).max(120),
    }),
    notObserved: innerArray(JsonPointer)
      .optional()
      .describe(
        'Required fields that were not observed: their values are placeholders, to be read as absent',
      ),
    observationId: ObservationId,
    rawNoteText: NoteText,
    schemaVersion: z.literal('1.0.0'),
    status: ObservationStatus,
    transcription: z.strictObject({
      confidence: UnitInterval,
      source: z.enum(['on_device_asr', 'manual_typed', 'none']),
      text: NoteText,
    }),
    updatedAt: Instant.optional(),
  })
  .meta({ id: 'Observation' })
export type Observation = z.infer<typeof Observation>
