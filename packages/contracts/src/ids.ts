import { z } from 'zod'

import { MAX_ID_LENGTH, OpaqueId } from './text.ts'

// Old apps mint four digits per day, which can collide between two devices; ours mint a ULID (IDS-1).
const DAY_AND_SERIAL = '\\d{8}_(?:\\d{4}|[0-7][0-9A-HJKMNP-TV-Z]{25})'

const formatted = (pattern: string, example: string) =>
  z.string().max(MAX_ID_LENGTH).regex(new RegExp(pattern), `must look like ${example}`)

/** A workspace (a farm company): owner of every record. Comes from the credential, never from a body. */
export const WorkspaceId = formatted('^[A-Za-z0-9][A-Za-z0-9_.-]*$', 'ws_demo').brand<'WorkspaceId'>()
export type WorkspaceId = z.infer<typeof WorkspaceId>

/** Distinguishes workspaces of the same name, whatever the address: two servers may both have a `ws_demo` (OPS-20). */
export const WorkspaceUid = formatted(
  '^wsu_[0-9a-f]{32}$',
  'wsu_6f1c0a4be77d4b9d8a52c0f3e1d2b3a4',
).brand<'WorkspaceUid'>()
export type WorkspaceUid = z.infer<typeof WorkspaceUid>

export const DeviceId = formatted('^dev_[a-z0-9_]+$', 'dev_scout_1').brand<'DeviceId'>()
export type DeviceId = z.infer<typeof DeviceId>

/** A service, named wherever a device is: as the caller, and in the audit (SVC-1). */
export const ServiceId = formatted('^dev_svc_[a-z0-9_]+$', 'dev_svc_import').brand<'DeviceId'>()
export type ServiceId = z.infer<typeof ServiceId>

/** A person, in every workspace of this server; one of its records names `dev_web_` with the same letters (PEO-4). */
export const PersonId = formatted('^usr_[a-z0-9]{26}$', 'usr_01kh7xq4tne5gz3v8w2m6ryb9c').brand<'PersonId'>()
export type PersonId = z.infer<typeof PersonId>

/** An invitation of a person to a workspace. */
export const InvitationId = formatted(
  '^inv_[a-z0-9]{26}$',
  'inv_01kh7xq4tne5gz3v8w2m6ryb9c',
).brand<'InvitationId'>()
export type InvitationId = z.infer<typeof InvitationId>

export const ObservationId = formatted(
  `^obs_${DAY_AND_SERIAL}$`,
  'obs_20260211_01KH7XQ4TNE5GZ3V8W2M6RYB9C',
).brand<'ObservationId'>()
export type ObservationId = z.infer<typeof ObservationId>

export const RecommendationId = formatted(
  `^rec_${DAY_AND_SERIAL}$`,
  'rec_20260211_01KH7XQ4TNE5GZ3V8W2M6RYB9C',
).brand<'RecommendationId'>()
export type RecommendationId = z.infer<typeof RecommendationId>

export const PatchId = formatted(
  `^pch_${DAY_AND_SERIAL}$`,
  'pch_20260211_01KH7XQ4TNE5GZ3V8W2M6RYB9C',
).brand<'PatchId'>()
export type PatchId = z.infer<typeof PatchId>

export const PlaybookId = formatted('^pbk_[a-z0-9_]+$', 'pbk_yolo_grape').brand<'PlaybookId'>()
export type PlaybookId = z.infer<typeof PlaybookId>

/** Minted by the server for one grant in the playbooks (GRA rules). */
export const GrantId = formatted(
  '^grt_[0-9a-f]{32}$',
  'grt_6f1c0a4be77d4b9d8a52c0f3e1d2b3a4',
).brand<'GrantId'>()
export type GrantId = z.infer<typeof GrantId>

/** Numbers the proposals of a workspace, from 1 (PUB-10). */
export const ProposalId = formatted('^prp_[1-9]\\d{0,8}$', 'prp_12').brand<'ProposalId'>()
export type ProposalId = z.infer<typeof ProposalId>

export const RuleId = formatted('^rule_[a-z0-9_]+$', 'rule_pm_moderate').brand<'RuleId'>()
export type RuleId = z.infer<typeof RuleId>

export const WeatherFeaturesId = formatted(
  '^wxf_\\d{8}_[a-z0-9_]+$',
  'wxf_20260211_demo_01',
).brand<'WeatherFeaturesId'>()
export type WeatherFeaturesId = z.infer<typeof WeatherFeaturesId>

/** Minted by the client for one batch; also an idempotency key (IDM-1). */
export const SyncId = OpaqueId.brand<'SyncId'>()
export type SyncId = z.infer<typeof SyncId>

/** Minted by the client for one correction of a confirmed observation. */
export const CorrectionId = OpaqueId.brand<'CorrectionId'>()
export type CorrectionId = z.infer<typeof CorrectionId>

/** Minted by the server for one reported conflict. */
export const ConflictId = OpaqueId.brand<'ConflictId'>()
export type ConflictId = z.infer<typeof ConflictId>
