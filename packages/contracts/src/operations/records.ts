import { z } from 'zod'

import { Observation, DeterministicChecksum } from '../entities/observation.ts'
import { PlaybookPatch } from '../entities/playbook-patch.ts'
import { ValidationIssue } from '../entities/validation-issue.ts'
import { CorrectionId, DeviceId, ObservationId, PatchId, PlaybookId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { lenient } from '../lenient.ts'
import { ConflictCode } from '../sync/conflict.ts'

/** Answer of `GET /v1/health`. */
export const Health = z
  .object({
    status: z.literal('ok'),
    timestamp: Instant,
    version: z.string(),
    audit: z
      .literal('contradicted')
      .optional()
      .describe(
        'The audit contradicts a checkpoint of it: an operator should look at the log of this server',
      ),
    jobs: z
      .literal('failed')
      .optional()
      .describe('Background jobs have failed for good: an operator should have them tried again'),
  })
  .meta({ id: 'Health' })
export type Health = z.infer<typeof Health>

/** One step in the life of a confirmed observation: what was corrected, by whom, and both contents. */
export const CorrectionRecord = z
  .object({
    correctionId: CorrectionId,
    observationId: ObservationId,
    reason: z.string(),
    correctedAt: Instant,
    acceptedAt: Instant,
    deviceId: DeviceId.describe('The device that sent the correction'),
    supersedes: DeterministicChecksum,
    checksum: DeterministicChecksum,
    before: lenient(Observation)
      .nullable()
      .describe('Null where the correction arrived with the first copy of the record'),
    after: lenient(Observation),
  })
  .meta({ id: 'CorrectionRecord' })
export type CorrectionRecord = z.infer<typeof CorrectionRecord>

/** A patch as stored on the server: its accepted attempt if there is one, else the last refused one. */
export const PatchRecord = z
  .object({
    patch: lenient(PlaybookPatch),
    status: z.enum(['applied', 'rejected']),
    oldVersion: z.int().nullable(),
    newVersion: z.int().nullable(),
    code: ConflictCode.nullable(),
    receivedAt: Instant,
    deviceId: DeviceId,
  })
  .meta({ id: 'PatchRecord' })
export type PatchRecord = z.infer<typeof PatchRecord>

/** Answer of a single patch call. */
export const PatchApplyResult = z
  .object({
    patchId: PatchId,
    playbookId: PlaybookId,
    oldVersion: z.int().min(1),
    newVersion: z.int().min(1),
    status: z
      .enum(['applied', 'rejected'])
      .describe('`rejected` is kept for old clients and never sent in a 200'),
    validationErrors: z.array(ValidationIssue),
    recomputedRecommendationId: z.string().nullable(),
    appliedAt: Instant,
  })
  .meta({ id: 'PatchApplyResult' })
export type PatchApplyResult = z.infer<typeof PatchApplyResult>

/** One accepted change, or one refused patch, of the workspace's audit chain (AUD rules). */
export const AuditEntry = z
  .object({
    entryId: z.string().describe('`<seq>.<index>`: position in the chain, then in the transaction'),
    seq: z.int(),
    at: Instant,
    action: z.string(),
    actor: z.object({
      kind: z.enum(['device', 'user', 'service', 'system']),
      deviceId: z.string().nullable(),
      role: z.string().nullable(),
      keyFingerprint: z
        .string()
        .nullable()
        .optional()
        .describe('Of the key that proved the call; null where it came with a pre-shared token'),
      personId: z.string().nullable().optional().describe('The person, where one has called'),
      authentication: z
        .object({
          kind: z
            .string()
            .describe(
              '`key`, `token` (pre-shared), `bearer` (an access token alone) or `session` (a person)',
            ),
          jti: z.string().nullable().describe('Of the proof, or of an access token without a key'),
        })
        .nullable()
        .optional()
        .describe('Null for the server itself; absent in entries of earlier versions'),
    }),
    target: z.object({ type: z.string(), id: z.string() }).nullable(),
    holder: z
      .string()
      .optional()
      .describe(
        'Of a grant: whose it is, as records name a device or a person; absent in some earlier entries',
      ),
    change: z
      .object({
        kind: z.string(),
        beforeSha256: z.string().nullable(),
        afterSha256: z.string().nullable(),
        paths: z.array(z.string()),
        edit: z
          .object({
            patchId: z.string().nullable().describe('Null for a version without a patch'),
            reason: z.string().nullable(),
            oldVersion: z.int().nullable(),
            newVersion: z.int().nullable().describe('Null for a refused attempt'),
            places: z.array(
              z.object({
                path: z.string().describe('JSON Pointer'),
                beforeSha256: z.string().nullable(),
                afterSha256: z.string().nullable(),
              }),
            ),
          })
          .optional()
          .describe('Of a playbook: how the edit came about, and place by place'),
        cause: z
          .object({
            playbookId: z.string(),
            playbookVersion: z.int(),
            patchId: z.string().nullable().describe('The patch that made the version; null for none'),
            supersedes: z.string().describe('The recommendation whose place it takes'),
            decided: z
              .string()
              .nullable()
              .describe('How that one was decided on although it was replaced; null for a new successor'),
          })
          .optional()
          .describe('Of a recommendation that the server itself has written: from what it follows'),
      })
      .nullable(),
    outcome: z.object({ ok: z.boolean(), code: z.string().nullable() }),
    reason: z.string().optional().describe('Why, in the words of who did it'),
    request: z.object({
      requestId: z.string().nullable(),
      idempotencyKey: z.string().nullable(),
      bodySha256: z.string().nullable(),
    }),
    hash: z.string().describe('Chain hash of the transaction this entry belongs to'),
  })
  .meta({ id: 'AuditEntry' })
export type AuditEntry = z.infer<typeof AuditEntry>
