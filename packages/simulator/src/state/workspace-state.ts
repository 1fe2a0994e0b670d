import type {
  Device,
  DeviceReport,
  Observation,
  Playbook,
  PlaybookPatch,
  Recommendation,
} from '@fieldsync/contracts'
import type { AuditBody } from '@fieldsync/domain'

/** A current record with what a server remembers of its last write. */
export type StoredRecord<T> = {
  record: T
  /** Time of the last write in microseconds since 1970, for ordering (OBS-18). */
  timeMicros: number
  /** The server's instant when it stored the record last. */
  storedAt: string
}

/** A version of a playbook and what made it: an accepted patch, or null for the one a workspace starts with. */
export type PlaybookVersion = { patchId: string | null; paths: string[]; document: Playbook }

/** One attempt to patch a playbook (PCH-13). */
export type PatchAttempt = {
  patch: PlaybookPatch
  deviceId: string
  outcome: 'applied' | 'rejected'
  code: string | null
  oldVersion: number | null
  newVersion: number | null
  receivedAt: string
}

/** One entry of an observation's correction history (OBS-16). */
export type CorrectionEntry = {
  observationId: string
  correctionId: string
  /** The device that sent it. */
  deviceId: string
  /** SHA-256 of the canonical content that the correction had. */
  contentSha256: string
  before: Observation | null
  after: Observation
  acceptedAt: string
}

/** One entry of the work queue, open until its device resolves it (CNF-10). */
export type QueuedConflict = {
  conflictId: string
  deviceId: string
  entityType: string
  entityId: string
  code: string
  resolution: string
  incoming: Observation | Recommendation | PlaybookPatch
  firstSeenAt: string
  lastSeenAt: string
  resolvedAt: string | null
  resolvedAs: string | null
}

/** What a device last said of itself (DEV-1, CNF-13). */
export type DeviceStates = {
  deviceId: string
  metadata: Device | null
  report: Omit<DeviceReport, 'resolved'> | null
}

/** All that a server holds of one workspace, in one form for every kind of server. */
export type WorkspaceState = {
  workspaceId: string
  /** Keys of the current records, `<type>/<id>`, in the order of their newest positions in the log. */
  log: string[]
  /** Of the current records (HSH-1). */
  stateHash: string
  observations: Map<string, StoredRecord<Observation>>
  recommendations: Map<string, StoredRecord<Recommendation>>
  /** Active versions. */
  playbooks: Map<string, Playbook>
  /** Oldest first, of each playbook. */
  versions: PlaybookVersion[]
  /** In the order of arrival. */
  patches: PatchAttempt[]
  /** In the order of acceptance. */
  corrections: CorrectionEntry[]
  /** The chain's bodies from the first on. */
  audit: AuditBody[]
  conflicts: QueuedConflict[]
  /** Those that have called. */
  devices: DeviceStates[]
}
