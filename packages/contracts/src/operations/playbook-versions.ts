import { z } from 'zod'

import { JsonPointer } from '../entities/json-pointer.ts'
import { PlaybookPatch } from '../entities/playbook-patch.ts'
import { DeviceId, PlaybookId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { lenient } from '../lenient.ts'

/**
 * One version of a playbook: when it was created, and by which patch. Its document is `playbooks.get` with `version`.
 */
export const PlaybookVersionRecord = z
  .object({
    playbookId: PlaybookId,
    version: z.int().min(1),
    createdAt: Instant,
    active: z.boolean(),
    deviceId: DeviceId.nullable().describe(
      'The device that sent the patch; null for a version without a patch',
    ),
    patch: lenient(PlaybookPatch)
      .nullable()
      .describe('With reason and operations; null for a version without a patch'),
    paths: z.array(JsonPointer).describe('What differs from the version before; `[""]` for all of it'),
  })
  .meta({ id: 'PlaybookVersionRecord' })
export type PlaybookVersionRecord = z.infer<typeof PlaybookVersionRecord>
