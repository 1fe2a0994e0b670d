import type { z } from 'zod'

import { Observation } from '../entities/observation.ts'
import { PlaybookPatch } from '../entities/playbook-patch.ts'
import { Playbook } from '../entities/playbook.ts'
import { Recommendation } from '../entities/recommendation.ts'
import { WeatherFeatures } from '../entities/weather-features.ts'
import { lenient } from '../lenient.ts'
import type { Scope } from '../oauth.ts'
import { SyncBatchRequest } from '../sync/request.ts'
import { SyncBatchResponse } from '../sync/response.ts'
import {
  AcknowledgedWipe,
  AcknowledgeWipeInput,
  CreatedDevice,
  DeviceRecord,
  DeviceRoleChange,
  ReadmittedDevice,
  ReissuedToken,
  RevokedDevice,
  WipedDevice,
} from './devices.ts'
import {
  ConfirmedKey,
  ConfirmKeyInput,
  EnrolledDevice,
  EnrollDeviceInput,
  OpenedEnrollment,
  OpenEnrollmentInput,
  RotatedKey,
  RotateKeyInput,
  UpgradeDeviceInput,
} from './enrollment.ts'
import {
  AuditInput,
  CorrectionsInput,
  CreateDeviceInput,
  DevicesInput,
  NoInput,
  ObservationInput,
  ObservationsInput,
  PageInput,
  PatchInput,
  PlaybookInput,
  PlaybookVersionsInput,
  RecommendationInput,
  RecommendationsInput,
  ReadmitDeviceInput,
  ReissueTokenInput,
  RevokeDeviceInput,
  SetDeviceRoleInput,
  SyncInput,
  SyncsInput,
  WeatherInput,
  WipeDeviceInput,
} from './inputs.ts'
import { Overview } from './overview.ts'
import { PlaybookVersionRecord } from './playbook-versions.ts'
import { AuditEntry, CorrectionRecord, Health, PatchApplyResult, PatchRecord } from './records.ts'
import { Session } from './session.ts'
import { SyncDetail, SyncRecord } from './syncs.ts'

/** The right that an operation requires; `none` needs no credential. */
export type OperationRight =
  | 'none'
  | 'read'
  | 'sync'
  | 'observations.write'
  | 'playbooks.patch'
  | 'audit.read'
  | 'admin'

/** One operation of the API: the same for tRPC, REST and the OpenAPI document. */
export type Operation = {
  operationId: string
  summary: string
  method: 'GET' | 'POST'
  /** REST path; `:name` right after a slash is a parameter, any other colon is literal. */
  path: `/v1/${string}`
  /** Another path of the same operation, for callers written against it. */
  alias?: `/v1/${string}`
  right: OperationRight
  /** An access token needs one of these scopes (ACC-19); a pre-shared token has all of them. */
  scopes: readonly Scope[]
  input: z.ZodObject
  /** For lists: the schema of one item. */
  output: z.ZodType
  /** A list is answered with an array and a `Link` header in REST, and with `{ items, nextCursor }` in tRPC. */
  list: boolean
  /** Success status. */
  status: 200 | 201
  /** The answer contains a secret: it is never compressed, since its length would then reveal it (HDR-5). */
  hasSecret?: true
  /**
   * The request proves possession of the key that it is about, and needs no other credential (ENR-3); `orToken`: of a device
   * without a key, a pre-shared token takes the place of the proof (WIP-4).
   */
  provesKey?: true | 'orToken'
}

const query = { method: 'GET', right: 'read', scopes: ['read'], list: false, status: 200 } as const
const listing = { ...query, list: true } as const
const command = { method: 'POST', scopes: ['sync'], list: false } as const
/** A command on devices, for admins. */
const administration = { method: 'POST', right: 'admin', scopes: ['admin'], list: false } as const

/** Every operation by its tRPC path (OPS rules). */
export const OPERATIONS = {
  health: {
    ...query,
    operationId: 'getHealth',
    summary: 'Whether the server and its database answer',
    path: '/v1/health',
    right: 'none',
    scopes: [],
    input: NoInput,
    output: Health,
  },
  'sync.batch': {
    ...command,
    operationId: 'syncBatch',
    summary: 'Push a device’s changes and pull everyone else’s, in one idempotent call',
    path: '/v1/sync/batch',
    right: 'sync',
    status: 200,
    input: SyncBatchRequest,
    output: SyncBatchResponse,
  },
  'observations.create': {
    ...command,
    operationId: 'createObservation',
    summary: 'Store one observation',
    path: '/v1/observations',
    right: 'observations.write',
    status: 201,
    input: Observation,
    output: lenient(Observation),
  },
  'observations.list': {
    ...listing,
    operationId: 'listObservations',
    summary: 'Observations of the workspace, newest change first; each parameter filters',
    path: '/v1/observations',
    input: ObservationsInput,
    output: lenient(Observation),
  },
  'observations.get': {
    ...query,
    operationId: 'getObservation',
    summary: 'One observation',
    path: '/v1/observations/:observationId',
    input: ObservationInput,
    output: lenient(Observation),
  },
  'observations.corrections': {
    ...listing,
    operationId: 'listCorrections',
    summary: 'Correction history of one observation, newest first',
    path: '/v1/observations/:observationId/corrections',
    input: CorrectionsInput,
    output: CorrectionRecord,
  },
  'recommendations.list': {
    ...listing,
    operationId: 'listRecommendations',
    summary: 'Recommendations of the workspace or of one observation, newest change first',
    path: '/v1/recommendations',
    input: RecommendationsInput,
    output: lenient(Recommendation),
  },
  'recommendations.get': {
    ...query,
    operationId: 'getRecommendation',
    summary: 'One recommendation',
    path: '/v1/recommendations/:recommendationId',
    input: RecommendationInput,
    output: lenient(Recommendation),
  },
  'playbooks.list': {
    ...listing,
    operationId: 'listPlaybooks',
    summary: 'Active playbooks, newest change first',
    path: '/v1/playbooks',
    input: PageInput,
    output: lenient(Playbook),
  },
  'playbooks.get': {
    ...query,
    operationId: 'getPlaybook',
    summary: 'One playbook: its active version, or the requested version',
    path: '/v1/playbooks/:playbookId',
    input: PlaybookInput,
    output: lenient(Playbook),
  },
  'playbooks.versions': {
    ...listing,
    operationId: 'listPlaybookVersions',
    summary: 'Versions of one playbook with the patches that made them, newest first',
    path: '/v1/playbooks/:playbookId/versions',
    input: PlaybookVersionsInput,
    output: PlaybookVersionRecord,
  },
  'playbooks.applyPatch': {
    ...command,
    operationId: 'applyPlaybookPatch',
    summary: 'Apply one patch to a playbook, whole or not at all',
    path: '/v1/playbooks/:playbookId/patches:apply',
    alias: '/v1/playbooks/:playbookId/patches',
    right: 'playbooks.patch',
    status: 200,
    input: PlaybookPatch,
    output: PatchApplyResult,
  },
  'patches.get': {
    ...query,
    operationId: 'getPatch',
    summary: 'One patch with its outcome',
    path: '/v1/patches/:patchId',
    input: PatchInput,
    output: PatchRecord,
  },
  'weather.get': {
    ...query,
    operationId: 'getWeather',
    summary: 'One set of weather features',
    path: '/v1/weather/:weatherFeaturesId',
    input: WeatherInput,
    output: lenient(WeatherFeatures),
  },
  'audit.list': {
    ...listing,
    operationId: 'listAudit',
    summary: 'Audit entries: newest first, or with `after` oldest first from there',
    path: '/v1/audit',
    right: 'audit.read',
    input: AuditInput,
    output: AuditEntry,
  },
  'session.get': {
    ...query,
    operationId: 'getSession',
    summary: 'The caller’s workspace, device, role and rights',
    path: '/v1/session',
    scopes: ['sync', 'read', 'admin'],
    input: NoInput,
    output: Session,
  },
  'overview.get': {
    ...query,
    operationId: 'getOverview',
    summary: 'Devices by state, the work queue, and the last hour of syncs by minute',
    path: '/v1/overview',
    input: NoInput,
    output: Overview,
  },
  'devices.list': {
    ...listing,
    operationId: 'listDevices',
    summary: 'Devices of the workspace by id: their last report and how far behind they are',
    path: '/v1/devices',
    input: DevicesInput,
    output: DeviceRecord,
  },
  'devices.create': {
    ...administration,
    operationId: 'createDevice',
    summary: 'Create a device; its token is in this answer and never again',
    path: '/v1/devices',
    status: 201,
    input: CreateDeviceInput,
    output: CreatedDevice,
    hasSecret: true,
  },
  'devices.revoke': {
    ...administration,
    operationId: 'revokeDevice',
    summary: 'Refuse a device from its next request on',
    path: '/v1/devices/:deviceId:revoke',
    status: 200,
    input: RevokeDeviceInput,
    output: RevokedDevice,
  },
  'devices.readmit': {
    ...administration,
    operationId: 'readmitDevice',
    summary: 'Accept a revoked device again, under its own id and with a new token',
    path: '/v1/devices/:deviceId:readmit',
    status: 200,
    input: ReadmitDeviceInput,
    output: ReadmittedDevice,
    hasSecret: true,
  },
  'devices.setRole': {
    ...administration,
    operationId: 'setDeviceRole',
    summary: 'Change what a device may do, from its next request on',
    path: '/v1/devices/:deviceId:setRole',
    status: 200,
    input: SetDeviceRoleInput,
    output: DeviceRoleChange,
  },
  'devices.reissueToken': {
    ...administration,
    operationId: 'reissueToken',
    summary: 'Give a device a new token; the earlier ones end at its first use, or now',
    path: '/v1/devices/:deviceId:reissueToken',
    status: 200,
    input: ReissueTokenInput,
    output: ReissuedToken,
    hasSecret: true,
  },
  'devices.openEnrollment': {
    ...administration,
    operationId: 'openEnrollment',
    summary: 'Let a device enroll with a key of its own: a one-time code, and a link that holds it',
    path: '/v1/devices/enrollments',
    status: 201,
    input: OpenEnrollmentInput,
    output: OpenedEnrollment,
    hasSecret: true,
  },
  'devices.enroll': {
    method: 'POST',
    operationId: 'enrollDevice',
    summary: 'Register a device’s public key with a one-time code',
    path: '/v1/devices/enroll',
    right: 'none',
    scopes: [],
    list: false,
    status: 200,
    input: EnrollDeviceInput,
    output: EnrolledDevice,
    provesKey: true,
  },
  'devices.upgrade': {
    ...command,
    operationId: 'upgradeDevice',
    summary: 'Register a key for a device that calls with a pre-shared token',
    path: '/v1/devices:upgrade',
    right: 'read',
    status: 200,
    input: UpgradeDeviceInput,
    output: EnrolledDevice,
    provesKey: true,
  },
  'devices.rotateKey': {
    ...command,
    operationId: 'rotateKey',
    summary: 'Put a new key in the place of the caller’s, with a proof by each',
    path: '/v1/devices/:deviceId:rotateKey',
    right: 'read',
    status: 200,
    input: RotateKeyInput,
    output: RotatedKey,
  },
  'devices.confirmKey': {
    ...administration,
    operationId: 'confirmKey',
    summary: 'Accept the key that a device enrolled with, by its fingerprint',
    path: '/v1/devices/:deviceId:confirmKey',
    status: 200,
    input: ConfirmKeyInput,
    output: ConfirmedKey,
  },
  'devices.wipe': {
    ...administration,
    operationId: 'wipeDevice',
    summary: 'Let a device delete everything that it has stored, and refuse it from its next request on',
    path: '/v1/devices/:deviceId:wipe',
    status: 200,
    input: WipeDeviceInput,
    output: WipedDevice,
  },
  'devices.acknowledgeWipe': {
    method: 'POST',
    operationId: 'acknowledgeWipe',
    summary: 'Say that the caller has deleted everything, with its key or its pre-shared token, which end',
    path: '/v1/devices/:deviceId:acknowledgeWipe',
    right: 'none',
    scopes: [],
    list: false,
    status: 200,
    input: AcknowledgeWipeInput,
    output: AcknowledgedWipe,
    provesKey: 'orToken',
  },
  'syncs.list': {
    ...listing,
    operationId: 'listSyncs',
    summary: 'Stored batches, newest first; each parameter filters',
    path: '/v1/syncs',
    input: SyncsInput,
    output: SyncRecord,
  },
  'syncs.get': {
    ...query,
    operationId: 'getSync',
    summary: 'One stored batch, with each conflict and what was sent to the device',
    path: '/v1/syncs/:deviceId/:syncId',
    input: SyncInput,
    output: SyncDetail,
  },
} as const satisfies Record<string, Operation>

export type OperationName = keyof typeof OPERATIONS
