import { z } from 'zod'

import { JsonPointer } from '../entities/json-pointer.ts'
import { Observation } from '../entities/observation.ts'
import { PlaybookPatch } from '../entities/playbook-patch.ts'
import { Playbook } from '../entities/playbook.ts'
import { Recommendation } from '../entities/recommendation.ts'
import { ValidationIssue } from '../entities/validation-issue.ts'
import { ConflictId, PatchId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { lenient } from '../lenient.ts'

export const UpsertEntityType = z.enum(['observation', 'recommendation', 'playbookPatch'])
export type UpsertEntityType = z.infer<typeof UpsertEntityType>

/** What the device does about a conflict (section "Conflict object" of docs/protocol.md). */
export const ConflictResolution = z.enum(['accept_server', 'correct', 'rename', 'resubmit', 'rebase', 'fix'])
export type ConflictResolution = z.infer<typeof ConflictResolution>

export const CONFLICT_CODES = [
  'FORBIDDEN',
  'OBSERVATION_ID_TAKEN',
  'OBSERVATION_STALE_WRITE',
  'OBSERVATION_IMMUTABLE',
  'OBSERVATION_CORRECTION_STALE',
  'RECOMMENDATION_ORPHAN',
  'RECOMMENDATION_ID_TAKEN',
  'RECOMMENDATION_STALE_WRITE',
  'RECOMMENDATION_IMMUTABLE',
  'PATCH_ID_REUSED',
  'PLAYBOOK_UNKNOWN',
  'PLAYBOOK_VERSION_MISMATCH',
  'PLAYBOOK_PATCH_PATH_NOT_ALLOWED',
  'PLAYBOOK_PATCH_INVALID',
] as const
export const ConflictCode = z.enum(CONFLICT_CODES)
export type ConflictCode = z.infer<typeof ConflictCode>

export const CONFLICT_REASONS = ['grant', 'retired', 'four_eyes'] as const
/**
 * Why a rule refuses that has several reasons (PCH-7): `grant`, no grant in force covers what a patch changes; `retired`, the
 * playbook is; `four_eyes`, a change takes a second person.
 */
export type ConflictReason = (typeof CONFLICT_REASONS)[number]

/** The stored record that won over the incoming one. */
export const ConflictServerState = z.object({
  updatedAt: Instant.describe('When the server stored it last, on the server clock'),
  record: z.union([lenient(Observation), lenient(Recommendation), lenient(PlaybookPatch)]),
})
export type ConflictServerState = z.infer<typeof ConflictServerState>

/** What a device needs to rebase a patch without another call. */
export const ConflictPlaybookState = z.object({
  activeVersion: z.int().min(1),
  document: lenient(Playbook),
  intervening: z
    .array(z.object({ patchId: PatchId.nullable(), version: z.int(), paths: z.array(JsonPointer) }))
    .describe('What happened between the patch base and the active version, oldest first, at most 100'),
  overlapping: z
    .boolean()
    .describe(
      'False: no intervening path equals, contains or is below a path of the patch, so it may be rebased without asking',
    ),
})
export type ConflictPlaybookState = z.infer<typeof ConflictPlaybookState>

/** Why one record was not accepted, and everything needed to resolve it on the device. */
export const SyncConflict = z
  .object({
    entityType: UpsertEntityType,
    entityId: z.string(),
    code: ConflictCode,
    message: z.string(),
    conflictId: ConflictId,
    resolution: ConflictResolution,
    server: ConflictServerState.optional(),
    playbook: ConflictPlaybookState.optional(),
    issues: z.array(ValidationIssue).optional(),
    // A later server may know more reasons than this program.
    reason: z
      .string()
      .optional()
      .describe(
        '`grant`: no grant in force covers what the patch changes; `retired`: the playbook is; `four_eyes`: a change of it takes a second person',
      ),
  })
  .meta({ id: 'SyncConflict' })
export type SyncConflict = z.infer<typeof SyncConflict>
