import { z } from 'zod'

import { JsonPointer } from '../entities/json-pointer.ts'
import { PlaybookPatch } from '../entities/playbook-patch.ts'
import { Playbook } from '../entities/playbook.ts'
import { DeviceId, PlaybookId, ProposalId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { lenient } from '../lenient.ts'
import { VersionKind } from './version-kind.ts'

/** The active version of a playbook, as it is listed. */
export const ListedPlaybook = lenient(Playbook)
  .extend({
    retiredAt: Instant.optional().describe('Since when it is retired; absent where it is not'),
  })
  .meta({ id: 'ListedPlaybook' })
export type ListedPlaybook = z.infer<typeof ListedPlaybook>

/**
 * One version of a playbook: when and how it came about, and by which patch. Its document is `playbooks.get` with `version`.
 */
export const PlaybookVersionRecord = z
  .object({
    playbookId: PlaybookId,
    version: z.int().min(1),
    createdAt: Instant,
    active: z.boolean(),
    kind: VersionKind.optional(),
    deviceId: DeviceId.nullable().describe(
      'Who sent the patch or published the version; null for the operator and the starter',
    ),
    reason: z.string().nullable().optional().describe('Why, in the words of who made it'),
    proposalId: ProposalId.nullable().optional().describe('The proposal that it was made from'),
    approvedBy: DeviceId.nullable().optional().describe('Who approved that; null also for the operator'),
    patch: lenient(PlaybookPatch)
      .nullable()
      .describe('With reason and operations; null for a version without a patch'),
    paths: z.array(JsonPointer).describe('What differs from the version before; `[""]` for all of it'),
  })
  .meta({ id: 'PlaybookVersionRecord' })
export type PlaybookVersionRecord = z.infer<typeof PlaybookVersionRecord>
