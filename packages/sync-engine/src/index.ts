export * from './core/ports.ts'
export * from './core/local-store.ts'
export * from './core/local-conflict.ts'
export {
  type EntityDocuments,
  type EntityType,
  type LocalRecord,
  type OutboxEntry,
  type QueuedEntry,
  recordKey,
  type RecordStatus,
  type SentEntry,
  type WritableType,
} from './core/local-record.ts'
export type { StoredValue } from './core/document-fields.ts'
export * from './core/engine-status.ts'
export type { EngineEvent, LostCorrections, RecordName, WrittenName } from './core/engine-events.ts'
export { DEFAULT_SETTINGS, type EngineSettings, type SyncEngineOptions } from './core/engine-options.ts'
export { createSyncEngine, type SyncEngine } from './engine/create-sync-engine.ts'
export { type ForeignStore, ForeignStoreError, type StoreOwner } from './core/foreign-store.ts'
export { WipedStoreError, type WipeProgress } from './core/wipe.ts'
export type { ExportedQueue, ExportedRecord } from './engine/export-queue.ts'
export type { LocalOnly, LocalOnlyRecord } from './recover/resend-local-only.ts'
export type { ListRecords, RecordView } from './engine/record-view.ts'
export {
  conflictChoices,
  CONFLICT_CHOICES,
  type ConflictChoice,
  conflictIssues,
  conflictWinner,
} from './conflict/choices.ts'
export type { ChoiceInput, Resolutions } from './conflict/resolutions.ts'
export type { FixedDocument, ResubmittedAll } from './conflict/send-again.ts'
export type { CorrectConflict } from './conflict/correct-conflict.ts'
export { type ErrorAction, ERROR_ACTIONS } from './push/read-answer.ts'
export type { ObservationChange } from './write/correct-observation.ts'
export type { EditOptions } from './core/merge-edit.ts'
export { observationChecksum, type ObservationDraft } from './core/observation-draft.ts'
export type { PatchDraft } from './write/patch-playbook.ts'
export type { RecommendationDraft } from './write/save-recommendation.ts'
export {
  type LikelyConflict,
  type PreviewOutcome,
  type RefusedWrite,
  type Resolved,
  type SaveOutcome,
  WRITE_REFUSALS,
  type WriteIssue,
  type WriteRefusal,
} from './core/save-outcome.ts'
export { type FoundIssue, foundIssues } from './conflict/found-issues.ts'
