import { z } from 'zod'

import { DeviceRole } from '../access.ts'
import { Issue, Severity } from '../entities/field-terms.ts'
import { JsonPointer } from '../entities/json-pointer.ts'
import { ObservationStatus } from '../entities/observation.ts'
import { RecommendationStatus } from '../entities/recommendation.ts'
import { DeviceId, ObservationId, PatchId, PlaybookId, RecommendationId, SyncId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { ConflictCode } from '../sync/conflict.ts'
import { OpaqueId, RequiredText } from '../text.ts'
import { DeviceCredential, DeviceState, WipeState } from './devices.ts'
import { cancelWipe } from './enrollment.ts'

export const DEFAULT_PAGE_SIZE = 50
export const MAX_PAGE_SIZE = 500

const page = {
  limit: z.int().min(1).max(MAX_PAGE_SIZE).optional(),
  cursor: z.string().min(1).max(256).optional(),
}

/** A page of a list, newest first (OPS rules). */
export const PageInput = z.strictObject(page)
export type PageInput = z.infer<typeof PageInput>

/** `from` is inclusive, `to` exclusive. */
const timeRange = { from: Instant.optional(), to: Instant.optional() }

export const NoInput = z.strictObject({})
export const ObservationInput = z.strictObject({ observationId: ObservationId })
/** A page of observations; all given filters must match (OPS-28). */
export const ObservationsInput = z.strictObject({
  ...page,
  ...timeRange,
  deviceId: DeviceId.optional(),
  status: ObservationStatus.optional(),
  issue: Issue.optional(),
  severity: Severity.optional(),
  fieldBlock: RequiredText.optional(),
  text: RequiredText.optional(),
})
export type ObservationsInput = z.infer<typeof ObservationsInput>
export const CorrectionsInput = z.strictObject({ observationId: ObservationId, ...page })
export const RecommendationInput = z.strictObject({ recommendationId: RecommendationId })
/** A page of recommendations; all given filters must match (OPS-28). */
export const RecommendationsInput = z.strictObject({
  ...page,
  ...timeRange,
  observationId: ObservationId.optional(),
  status: RecommendationStatus.optional(),
  issue: Issue.optional(),
  playbookId: PlaybookId.optional(),
})
export type RecommendationsInput = z.infer<typeof RecommendationsInput>
export const PlaybookInput = z.strictObject({ playbookId: PlaybookId, version: z.int().min(1).optional() })
export const PlaybookVersionsInput = z.strictObject({ playbookId: PlaybookId, ...page })
export type PlaybookVersionsInput = z.infer<typeof PlaybookVersionsInput>
export const PatchInput = z.strictObject({ patchId: PatchId })
/** A page of the audit; all given filters must match (AUD-18). */
export const AuditInput = z.strictObject({
  ...page,
  ...timeRange,
  personId: OpaqueId.optional(),
  deviceId: DeviceId.optional(),
  recordId: OpaqueId.optional().describe(
    'Of a record, playbook, patch, device or whatever else an entry is about',
  ),
  path: JsonPointer.optional().describe(
    'A place of a playbook: what has changed it, something below it, or all of a part that it is in',
  ),
  action: z
    .string()
    .regex(/^[a-z][A-Za-z._]{0,63}$/, 'must be an action, such as sync.batch')
    .optional(),
  after: z
    .string()
    .regex(/^\d{1,15}(\.\d{1,6})?$/, 'must be an entry id, such as 12.0')
    .optional(),
})
export type AuditInput = z.infer<typeof AuditInput>

export const DevicesInput = z.strictObject({
  ...page,
  state: DeviceState.optional(),
  credential: DeviceCredential.optional(),
  wipe: WipeState.optional(),
})
export type DevicesInput = z.infer<typeof DevicesInput>
export const CreateDeviceInput = z
  .strictObject({ deviceId: DeviceId, role: DeviceRole })
  .meta({ id: 'CreateDeviceInput' })
export type CreateDeviceInput = z.infer<typeof CreateDeviceInput>
export const RevokeDeviceInput = z.strictObject({ deviceId: DeviceId }).meta({ id: 'RevokeDeviceInput' })
export type RevokeDeviceInput = z.infer<typeof RevokeDeviceInput>
export const WipeDeviceInput = z.strictObject({ deviceId: DeviceId }).meta({ id: 'WipeDeviceInput' })
export type WipeDeviceInput = z.infer<typeof WipeDeviceInput>
export const SetDeviceRoleInput = z
  .strictObject({ deviceId: DeviceId, role: DeviceRole })
  .meta({ id: 'SetDeviceRoleInput' })
export type SetDeviceRoleInput = z.infer<typeof SetDeviceRoleInput>
export const ReissueTokenInput = z
  .strictObject({
    deviceId: DeviceId,
    endPrevious: z
      .enum(['at_first_use', 'now'])
      .optional()
      .describe('When the earlier tokens end: by default, at the first use of the new one'),
  })
  .meta({ id: 'ReissueTokenInput' })
export type ReissueTokenInput = z.infer<typeof ReissueTokenInput>
export const ReadmitDeviceInput = z
  .strictObject({
    deviceId: DeviceId,
    role: DeviceRole.optional().describe('Its role from now on; by default the one that it had'),
    cancelWipe,
  })
  .meta({ id: 'ReadmitDeviceInput' })
export type ReadmitDeviceInput = z.infer<typeof ReadmitDeviceInput>
/** A page of stored batches; all given filters must match (OPS-25). */
export const SyncsInput = z.strictObject({
  ...page,
  ...timeRange,
  deviceId: DeviceId.optional(),
  code: ConflictCode.optional(),
})
export type SyncsInput = z.infer<typeof SyncsInput>
export const SyncInput = z.strictObject({ deviceId: DeviceId, syncId: SyncId })
