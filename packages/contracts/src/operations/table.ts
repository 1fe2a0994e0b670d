import { Observation } from '../entities/observation.ts'
import { PlaybookPatch } from '../entities/playbook-patch.ts'
import { Recommendation } from '../entities/recommendation.ts'
import { lenient } from '../lenient.ts'
import { SyncBatchRequest } from '../sync/request.ts'
import { SyncBatchResponse } from '../sync/response.ts'
import { CHECKPOINT_OPERATIONS } from './checkpoints.ts'
import { DEVICE_OPERATIONS } from './device-operations.ts'
import { ERASURE_OPERATIONS } from './erasure.ts'
import { GENERATION_OPERATIONS } from './generation.ts'
import { GRANT_OPERATIONS } from './grants.ts'
import {
  AuditInput,
  CorrectionsInput,
  NoInput,
  ObservationInput,
  ObservationsInput,
  PageInput,
  PatchInput,
  PlaybookInput,
  PlaybookVersionsInput,
  RecommendationInput,
  RecommendationsInput,
  SyncInput,
  SyncsInput,
} from './inputs.ts'
import { administration, command, listing, type Operation, query } from './operation.ts'
import { Overview } from './overview.ts'
import { PEOPLE_OPERATIONS } from './people.ts'
import { ListedPlaybook, PlaybookVersionRecord } from './playbook-versions.ts'
import { Proposal, PROPOSAL_OPERATIONS } from './proposals.ts'
import { PUBLISHING_OPERATIONS } from './publishing.ts'
import { ListedRecommendation } from './recommendations.ts'
import { AuditEntry, CorrectionRecord, Health, PatchApplyResult, PatchRecord } from './records.ts'
import { SECURITY_OPERATIONS } from './security.ts'
import { SERVICE_OPERATIONS } from './services.ts'
import { Session } from './session.ts'
import { ChangedSettings, ChangeSettingsInput, WorkspaceSettings } from './settings.ts'
import { SyncDetail, SyncRecord } from './syncs.ts'
import { WEATHER_OPERATIONS } from './weather.ts'

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
    summary: 'Recommendations of the workspace, newest change first; each parameter filters',
    path: '/v1/recommendations',
    input: RecommendationsInput,
    output: ListedRecommendation,
  },
  'recommendations.get': {
    ...query,
    operationId: 'getRecommendation',
    summary: 'One recommendation',
    path: '/v1/recommendations/:recommendationId',
    input: RecommendationInput,
    output: lenient(Recommendation),
  },
  ...GENERATION_OPERATIONS,
  'playbooks.list': {
    ...listing,
    operationId: 'listPlaybooks',
    summary: 'Active playbooks, newest change first',
    path: '/v1/playbooks',
    input: PageInput,
    output: ListedPlaybook,
  },
  'playbooks.get': {
    ...query,
    operationId: 'getPlaybook',
    summary: 'One playbook: its active version, or the requested version',
    path: '/v1/playbooks/:playbookId',
    input: PlaybookInput,
    output: ListedPlaybook,
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
    proposal: Proposal,
  },
  ...PUBLISHING_OPERATIONS,
  ...PROPOSAL_OPERATIONS,
  'patches.get': {
    ...query,
    operationId: 'getPatch',
    summary: 'One patch with its outcome',
    path: '/v1/patches/:patchId',
    input: PatchInput,
    output: PatchRecord,
  },
  ...WEATHER_OPERATIONS,
  'audit.list': {
    ...listing,
    operationId: 'listAudit',
    summary: 'Audit entries, all or those that match: newest first, or with `after` oldest first from there',
    path: '/v1/audit',
    right: 'audit.read',
    input: AuditInput,
    output: AuditEntry,
  },
  ...CHECKPOINT_OPERATIONS,
  ...ERASURE_OPERATIONS,
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
  ...SECURITY_OPERATIONS,
  ...DEVICE_OPERATIONS,
  'workspace.settings': {
    ...query,
    operationId: 'getSettings',
    summary: 'The workspace’s settings, and how many devices still call with a pre-shared token',
    path: '/v1/workspace/settings',
    scopes: ['read', 'admin'],
    input: NoInput,
    output: WorkspaceSettings,
  },
  'workspace.changeSettings': {
    ...administration,
    operationId: 'changeSettings',
    summary: 'Change settings of the workspace, if nobody else has changed them meanwhile',
    path: '/v1/workspace/settings:change',
    status: 200,
    input: ChangeSettingsInput,
    output: ChangedSettings,
  },
  ...SERVICE_OPERATIONS,
  ...PEOPLE_OPERATIONS,
  ...GRANT_OPERATIONS,
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
