export { type Clock, systemClock } from './core/context.ts'
export type { AuthenticatedActor, RequestInfo, ServiceContext } from './core/context.ts'
export { JsonText, type Page, type Replayable } from './core/json-text.ts'
export { type ErrorDetails, ServiceError, validationError } from './core/service-error.ts'
export type { Verb } from './core/verb.ts'
export { authenticate, type Credentials } from './access/authenticate.ts'
export { hashToken, mintToken } from './access/device-token.ts'
export { applyBatch } from './sync/apply-batch.ts'
export { followWorkspace } from './live/follow-workspace.ts'
export type { LiveLimits } from './live/live-hub.ts'
export { type Live, type LiveOptions, startLive } from './live/start-live.ts'
export { flushDeviceStates } from './sync/device-state.ts'
export { createObservation } from './records/create-observation.ts'
export { getObservation, listCorrections } from './records/observations.ts'
export { listObservations } from './records/list-observations.ts'
export { foldStoredNotes } from './records/search-text.ts'
export { getRecommendation, listRecommendations } from './records/recommendations.ts'
export { getWeather } from './records/weather.ts'
export { applyPlaybookPatch } from './playbooks/apply-playbook-patch.ts'
export { getPatch } from './playbooks/get-patch.ts'
export { listPlaybookVersions } from './playbooks/list-playbook-versions.ts'
export { getPlaybook, listPlaybooks } from './playbooks/playbooks.ts'
export { listAudit } from './audit/list-audit.ts'
export { type AuditVerdict, verifyAudit } from './audit/verify-audit.ts'
export { checkHealth } from './health/check-health.ts'
export { getSession } from './access/get-session.ts'
export { getOverview } from './overview/get-overview.ts'
export { listDeviceRecords } from './devices/list-device-records.ts'
export { getSync } from './sync-history/get-sync.ts'
export { listSyncs } from './sync-history/list-syncs.ts'
export type { AdminContext, IssuingContext } from './write/admin-context.ts'
export { createDevice, type NewDevice } from './devices/create-device.ts'
export {
  createWorkspace,
  DEFAULT_TIME_ZONE,
  type NewWorkspace,
  type WorkspaceInfo,
} from './workspaces/create-workspace.ts'
export {
  type ConfiguredDevice,
  type ConfiguredOutcome,
  ensureConfiguredDevices,
} from './devices/ensure-configured-devices.ts'
export {
  type ImportedRecord,
  importerContext,
  importRecords,
  type RecordsToImport,
} from './records/import-records.ts'
export { type DeviceInfo, listDevices } from './devices/list-devices.ts'
export { listWorkspaces } from './workspaces/list-workspaces.ts'
export { issueDevice } from './devices/issue-device.ts'
export { withdrawDevice } from './devices/withdraw-device.ts'
export { revokeDevice } from './devices/revoke-device.ts'
export { CURSOR_DAYS, KEY_DAYS, pruneExpired } from './retention/prune-expired.ts'
