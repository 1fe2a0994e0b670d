import { z } from 'zod'

import { DeviceId, PatchId, PlaybookId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { innerArray, MAX_ID_LENGTH, RequiredText, ShortText } from '../text.ts'
import { JsonPointer } from './json-pointer.ts'

type JsonValue = z.core.util.JSONType

/** What a patch may set: any JSON within the bounds that hold for every text and array of a record (SHP-2). */
export const PatchValue: z.ZodType<JsonValue, JsonValue> = z
  .lazy(() =>
    z.union([
      ShortText,
      z.number(),
      z.boolean(),
      z.null(),
      innerArray(PatchValue),
      z.record(z.string().max(MAX_ID_LENGTH), PatchValue),
    ]),
  )
  .meta({ id: 'PatchValue' })

const setting = <Op extends 'add' | 'replace'>(op: Op) =>
  z.strictObject({
    op: z.literal(op),
    path: JsonPointer,
    value: PatchValue,
    justification: ShortText.optional(),
  })

/** One operation of a patch: the bounded part of RFC 6902 that edits values (no move, copy or test). */
export const PatchOperation = z.discriminatedUnion('op', [
  setting('add'),
  setting('replace'),
  z.strictObject({
    op: z.literal('remove'),
    path: JsonPointer,
    value: z.json().optional().describe('Ignored (SHP-8)'),
    justification: ShortText.optional(),
  }),
])
export type PatchOperation = z.infer<typeof PatchOperation>

/** An edit of a playbook, based on one version of it; applied whole or not at all. */
export const PlaybookPatch = z
  .strictObject({
    patchId: PatchId,
    playbookId: PlaybookId,
    baseVersion: z.int().min(1),
    requestedByDeviceId: DeviceId,
    requestedAt: Instant,
    reason: RequiredText,
    operations: innerArray(PatchOperation, 1),
  })
  .meta({ id: 'PlaybookPatch' })
export type PlaybookPatch = z.infer<typeof PlaybookPatch>
