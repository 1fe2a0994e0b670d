export { type Clock, systemClock } from './core/context.ts'
export type { AuthenticatedActor, RequestInfo, ServiceContext } from './core/context.ts'
export { JsonText, type Page, type Replayable } from './core/json-text.ts'
export { type ErrorDetails, ServiceError, validationError } from './core/service-error.ts'
export type { Verb } from './core/verb.ts'
export { authenticate, type Credentials } from './access/authenticate.ts'
export { hashToken, mintToken } from './access/device-token.ts'
export { applyBatch } from './sync/apply-batch.ts'
export { followWorkspace } from './live/follow.ts'
export type { LiveLimits } from './live/live-hub.ts'
export { type Live, type LiveOptions, startLive } from './live/start-live.ts'
export { flushDeviceStates } from './sync/device-state.ts'
export { createObservation } from './records/create.ts'
export { getObservation, listCorrections } from './records/get.ts'
export { listObservations } from './records/list.ts'
export { foldStoredNotes } from './records/search-text.ts'
export { getRecommendation, listRecommendations } from './records/recommendations.ts'
export { getWeather } from './records/weather.ts'
export { applyPlaybookPatch } from './playbooks/apply-patch.ts'
export { getPatch } from './playbooks/get-patch.ts'
export { listPlaybookVersions } from './playbooks/list.ts'
export { getPlaybook, listPlaybooks } from './playbooks/get.ts'
export { listAudit } from './audit/list.ts'
export { type AuditVerdict, verifyAudit } from './audit/verify.ts'
export { checkHealth } from './health/check.ts'
export { getSession } from './access/get-session.ts'
export { getOverview } from './overview/get.ts'
export { listDeviceRecords } from './devices/list.ts'
export { getSync } from './sync-history/get.ts'
export { listSyncs } from './sync-history/list.ts'
export type { AdminContext, IssuingContext } from './write/admin-context.ts'
export { createDevice, type NewDevice } from './devices/create-device.ts'
export {
  createWorkspace,
  DEFAULT_TIME_ZONE,
  type NewWorkspace,
  type WorkspaceInfo,
} from './workspaces/create.ts'
export {
  type ConfiguredDevice,
  type ConfiguredOutcome,
  ensureConfiguredDevices,
} from './devices/ensure-configured.ts'
export {
  type ImportedRecord,
  importerContext,
  importRecords,
  type RecordsToImport,
} from './records/import.ts'
export { type DeviceInfo, listDevices } from './devices/list-devices.ts'
export { listWorkspaces } from './workspaces/list.ts'
export { issueDevice } from './devices/create.ts'
export { withdrawDevice } from './devices/revoke.ts'
export { revokeDevice } from './devices/revoke-device.ts'
export { CURSOR_DAYS, KEY_DAYS, pruneExpired } from './retention/prune.ts'
