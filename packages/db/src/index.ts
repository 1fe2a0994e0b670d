export { type ArchivedBase, archivedBases, expireArchive } from './archive/archive-content.ts'
export { takeBase } from './archive/base-backup.ts'
export { recoverToInstant } from './archive/restore-to-instant.ts'
export { readCopyRows } from './backup/copy-text.ts'
export {
  type DatabaseDescription,
  type DatabaseDump,
  type DumpedWorkspace,
  dumpDatabase,
  type TablePart,
} from './backup/dump-database.ts'
export { loadDatabase, LoadError } from './backup/load-database.ts'
export { oneAtATime } from './backup/one-at-a-time.ts'
export { finishRestore, unfinishedRestore } from './backup/restore-record.ts'
export { DataDirLockedError, lockDataDir } from './data-dir-lock.ts'
export { connectionUrl } from './embedded/connection-url.ts'
export { EmbeddedPostgresError } from './embedded/embedded-postgres-error.ts'
export { type EmbeddedPostgres, runningEmbeddedPostgres, startEmbeddedPostgres } from './embedded/start.ts'
export { stopOrphan, stopPostmaster } from './embedded/stop-orphan.ts'
export type { EmbeddedPostgresEvent } from './embedded/supervise.ts'
export { migrate } from './migrate/migrate.ts'
export { prepareSchema } from './prepare-schema.ts'
export { MigrationError } from './migrate/migration-error.ts'
export { MIGRATIONS_DIR } from './migrate/migration-files.ts'
export { SQUASH } from './migrate/squashed-migrations.ts'
export { connectOnce, sharesSessions, type SingleConnection } from './connection/connect.ts'
export { type DatabaseUrl, DatabaseUrlError, parseDatabaseUrl } from './connection/database-url.ts'
export { Primary } from './connection/primary.ts'
export { ConnectionClosedError } from './connection/connection-closed-error.ts'
export { type Database, type DatabaseEvents, type DatabaseOptions, openDatabase } from './database.ts'
export { APP_ROLE, ensureRoles, OWNER_ROLE, restrictConnections } from './roles.ts'
export { Batcher } from './batcher.ts'
export { type JobRunnerOptions, JobRunner } from './jobs/job-runner.ts'
export {
  addJobs,
  type JobCounts,
  type JobSpec,
  readJobs,
  rescheduleJobs,
  type StoredJob,
} from './jobs/queue.ts'
export type { FailedAttempt, JobHandler, RunningJob } from './jobs/serve-queue.ts'
export {
  commitGroup,
  commitWrite,
  type GroupedWrite,
  type GroupOutcome,
  isWriteOutcome,
  type MemberTexts,
  type WorkspaceWrite,
  type WriteOutcome,
} from './log/commit.ts'
export {
  type AuditSearch,
  type BeyondPlace,
  type FoundPlace,
  type IndexedRow,
  isIndexed,
  readUnindexed,
  searchAuditTerms,
  storeAuditTerms,
  type Unindexed,
  unindexedWorkspaces,
} from './log/audit-terms.ts'
export { type Contact, storeContacts } from './log/contacts.ts'
export { type CursorPosition, NOWHERE } from './log/cursor-proof.ts'
export { type DeviceState, storeDeviceStates } from './log/device-states.ts'
export { eraseStored, readErasable, readErased, type RecordName } from './log/erasure.ts'
export { type PlaybookGrantRow, readPlaybookGrants } from './log/playbook-grants.ts'
export { deleteAuditTerms, deletePruned, storeBeginning } from './log/prune-audit.ts'
export { PageReader } from './log/pull.ts'
export { queryRows } from './query-rows.ts'
export { readCurrent } from './replica/read-current.ts'
export { ReadReplicas, type ReplicaReads } from './replica/read-replicas.ts'
export { type SecurityEvent, storeSecurityEvents } from './log/security-events.ts'
export {
  type AcceptedPatch,
  type KnownCorrection,
  readAcceptedPatches,
  readCorrections,
  readObservations,
  readPlaybooks,
  readPlaybookVersion,
  type StoredPlaybook,
  readRecommendations,
  readVersionsSince,
  type StoredRow,
  type VersionStep,
} from './log/stored-records.ts'
export {
  FROM_THE_NEWEST,
  newestPending,
  type PendingRow,
  readActiveVersions,
  readPending,
  readRecommendationsFor,
  readTimeZone,
  readVersions,
  readWeather,
} from './log/recommendation-inputs.ts'
export { listen, type ListenOptions, type ListenTiming } from './notify/listen.ts'
export { MAX_NOTICE_BYTES, sendNotices } from './notify/send-notifications.ts'
export { inTransaction, lockWorkspace, type Queryable } from './transaction.ts'
export { isTimeout, isUnavailable } from './unavailable.ts'
export { checkWritable, NotWritableError } from './writable.ts'
export { Prisma } from './generated/client.ts'
