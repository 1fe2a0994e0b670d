export type { AuthenticatedActor } from './core/actor.ts'
export {
  type AdminContext,
  type Clock,
  type RequestInfo,
  type ServiceContext,
  systemClock,
} from './core/context.ts'
export { identitySecrets } from './core/derived-key.ts'
export { JsonText, type Page, type Replayable } from './core/json-text.ts'
export { type KnownNonce, Nonces, type ProofMemory, type ProofUse } from './core/nonces.ts'
export type { LiveWeather, WeatherPort, WeatherReading } from './core/live-weather.ts'
export { type Live, Runtime, type ServerCondition, type ServerProcesses } from './core/runtime.ts'
export {
  type AppliedBatch,
  inSpan,
  type RefusedCredential,
  type Span,
  type Telemetry,
} from './core/telemetry.ts'
export type { PublishedKey } from './core/signing-keys.ts'
export { authRequired, type ErrorDetails, ServiceError, validationError } from './core/service-error.ts'
export type { Verb } from './core/verb.ts'
export { authenticate, type Credentials } from './access/authenticate.ts'
export { isAccessToken } from './access/access-token.ts'
export type { AccessCredential } from './access/authenticate-proven.ts'
export { type ClientSecret } from './access/client-secret.ts'
export { hashToken, mintToken } from './access/device-token.ts'
export { type PreviousPepperUse, usePreviousPepper } from './access/previous-pepper.ts'
export { type IssuedToken, issueAccessToken, type TokenRequest } from './access/issue-token.ts'
export { type Proof, provesBody, type ProvenRequest, verifyProof } from './access/proof.ts'
export { applyBatch } from './sync/apply-batch.ts'
export { followWorkspace } from './live/follow.ts'
export { type LiveOptions, type SharedPlaces, startLive } from './live/start-live.ts'
export { type LiveLimits, noPlace, StreamPlaces } from './live/stream-places.ts'
export { createObservation } from './records/create.ts'
export { getObservation, getRecommendation, getWeather } from './records/get.ts'
export {
  type ImportedRecord,
  importerContext,
  importRecords,
  type RecordsToImport,
} from './records/import.ts'
export { listCorrections, listObservations } from './records/list.ts'
export { listRecommendations } from './records/list-recommendations.ts'
export { foldStoredNotes } from './records/search-text.ts'
export { applyPlaybookPatch } from './playbooks/apply-patch.ts'
export { approveProposal, rejectProposal, withdrawProposal } from './playbooks/decide-proposal.ts'
export { getProposal, listProposals } from './playbooks/list-proposals.ts'
export { getPatch, getPlaybook } from './playbooks/get.ts'
export {
  createPlaybook,
  publishPlaybookVersion,
  retirePlaybook,
  rollBackPlaybook,
} from './playbooks/publish.ts'
export { listPlaybooks, listPlaybookVersions } from './playbooks/list.ts'
export { generateRecommendation } from './recommendations/generate.ts'
export { eraseObservations } from './erasure/erase.ts'
export { erasePerson } from './erasure/erase-person.ts'
export { ErasureNotes, lostErasures } from './erasure/erasure-notes.ts'
export { acknowledgeLoss, acknowledgeLostBranch } from './audit/acknowledge.ts'
export { type CheckpointStore, readSignedCheckpoints, storedCheckpoints } from './audit/checkpoint-store.ts'
export { Checkpoints, type NewestCheckpoint } from './audit/checkpoints.ts'
export { exportAudit } from './audit/export.ts'
export { indexAllAudits } from './audit/index-audit.ts'
export { listAudit } from './audit/list.ts'
export { pruneAudit } from './audit/prune.ts'
export { reportedCheckpoints } from './audit/reported-checkpoints.ts'
export { listJobs } from './jobs/list.ts'
export { retryJobs } from './jobs/retry.ts'
export { startJobs } from './jobs/start-jobs.ts'
export { TASK_HANDLERS } from './jobs/task-handlers.ts'
export { getAuditState } from './audit/state.ts'
export { NoteSigner } from './audit/signed-note.ts'
export { type AuditVerdict, verifyAudit } from './audit/verify.ts'
export { type CheckpointNews, type WitnessFinding, Witnesses } from './audit/witnesses.ts'
export { databaseFigures, type DatabaseFigures, type StandbyFigures } from './health/database-figures.ts'
export { type NotReady, Readiness } from './health/readiness.ts'
export { checkHealth, conditionOf } from './health/check.ts'
export { getSession } from './access/get-session.ts'
export { getOverview } from './overview/get.ts'
export { getSync } from './sync-history/get.ts'
export { listSyncs } from './sync-history/list.ts'
export { systemContext } from './write/admin-context.ts'
export { createDevice } from './devices/create.ts'
export {
  type ConfiguredDevice,
  type ConfiguredOutcome,
  ensureConfiguredDevices,
} from './devices/ensure-configured.ts'
export { acknowledgeWipe, type WipeCredential } from './devices/acknowledge-wipe.ts'
export { confirmKey } from './devices/confirm-key.ts'
export { enrollDevice } from './devices/enroll.ts'
export { rotateKey } from './devices/rotate-key.ts'
export { upgradeDevice } from './devices/upgrade.ts'
export { openEnrollment } from './devices/open-enrollment.ts'
export { listDevices } from './devices/list.ts'
export { readmitDevice } from './devices/readmit.ts'
export { reissueToken } from './devices/reissue-token.ts'
export { revokeDevice } from './devices/revoke.ts'
export { setDeviceRole } from './devices/set-role.ts'
export { wipeDevice } from './devices/wipe.ts'
export { createResetLink } from './people/reset-link.ts'
export { endAccess } from './people/end-access.ts'
export { invitePerson } from './people/invite.ts'
export { listInvitations, listPeople } from './people/list.ts'
export { setPersonRole } from './people/set-role.ts'
export { withdrawInvitation } from './people/withdraw-invitation.ts'
export { createGrant } from './grants/create.ts'
export { listGrants } from './grants/list.ts'
export { revokeGrant } from './grants/revoke.ts'
export { listAllSecurityEvents, listSecurityEvents, type SecurityEventRow } from './security/list.ts'
export { createService } from './services/create.ts'
export { grantService } from './services/grant.ts'
export { listServices } from './services/list.ts'
export { revokeService } from './services/revoke.ts'
export { rotateService } from './services/rotate.ts'
export {
  createWorkspace,
  DEFAULT_TIME_ZONE,
  type NewWorkspace,
  type WorkspaceInfo,
} from './workspaces/create.ts'
export { changeSettings } from './workspaces/change-settings.ts'
export { defaultWeather } from './weather/default-weather.ts'
export { getLiveWeather } from './weather/get-live-weather.ts'
export { WeatherCells } from './weather/weather-cells.ts'
export { getSettings } from './workspaces/get-settings.ts'
export { listAdminTokens } from './workspaces/list-admin-tokens.ts'
export { listWorkspaces } from './workspaces/list.ts'
export { allItems } from './lists/keyset.ts'
export { CURSOR_DAYS, KEY_DAYS, pruneExpired } from './retention/prune.ts'
export {
  changePassword,
  claimCode,
  connectedProviders,
  hasPeople,
  renamePerson,
  isInvited,
  workspacesOfPerson,
} from './people/account.ts'
export { noteAccountEvent } from './people/account-events.ts'
export { acceptInvitation } from './people/accept-invitation.ts'
export { openFirstPerson } from './people/first-person.ts'
export type { IdentityPort, ProvidedPerson, SecondFactor } from './people/identity-port.ts'
export { lookAtInvitation } from './people/invitation-code.ts'
export { applyProviderRoles } from './people/provider-roles.ts'
export { lookAtReset, resetPassword } from './people/reset-password.ts'
export {
  endSessions,
  hashSessionToken,
  IDLE_DAYS,
  listSessions,
  noteReauthenticated,
  openSession,
  type PersonSession,
  readSession,
  SESSION_DAYS,
} from './access/session.ts'
