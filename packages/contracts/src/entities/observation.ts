import { z } from 'zod'

import { CorrectionId, DeviceId, ObservationId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { innerArray, NoteText, RequiredText, ShortText } from '../text.ts'
import { CanopyTemperatureC, Crop, Issue, Location, Severity, UnitInterval } from './field-terms.ts'

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
  correctionId: CorrectionId,
  reason: RequiredText,
  correctedAt: Instant,
  supersedes: DeterministicChecksum,
})
export type ObservationCorrection = z.infer<typeof ObservationCorrection>

/** What a scout saw in one block at one time. */
export const Observation = z
  .strictObject({
    observationId: ObservationId,
    deviceId: DeviceId,
    createdAt: Instant,
    captureMode: z.enum(['voice', 'typed']),
    rawNoteText: NoteText,
    transcription: z.strictObject({
      text: NoteText,
      source: z.enum(['on_device_asr', 'manual_typed', 'none']),
      confidence: UnitInterval,
    }),
    extraction: z.strictObject({
      crop: Crop,
      variety: ShortText.optional(),
      fieldBlock: ShortText,
      issue: Issue,
      severity: Severity,
      symptoms: innerArray(ShortText, 1),
      observationTime: Instant,
    }),
    normalization: z.strictObject({
      temperatureC: CanopyTemperatureC.optional(),
      leafWetness: z.enum(['dry', 'damp', 'wet', 'unknown']),
      windEstimateKph: z.number().min(0).max(120),
    }),
    location: Location,
    status: ObservationStatus,
    schemaVersion: z.literal('1.0.0'),
    deterministicChecksum: DeterministicChecksum,
    updatedAt: Instant.optional(),
    correction: ObservationCorrection.optional(),
  })
  .meta({ id: 'Observation' })
export type Observation = z.infer<typeof Observation>
