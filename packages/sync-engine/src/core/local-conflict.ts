import type {
  ConflictCode,
  ConflictResolution,
  Playbook,
  SyncConflict,
  ValidationIssue,
} from '@fieldsync/contracts'

import type { EntityDocuments, WritableType } from './local-record.ts'

/** What the engine reports of a single record that is larger than the server takes; no answer of the server names it. */
export const TOO_LARGE: ValidationIssue = { path: '', message: 'is larger than the server takes' }

/**
 * Why a write of this device waits for a person, with the value that lost, so that nothing vanishes untold.
 * `server` the server decided so · `local` something newer came down over a pending edit, or was there already when an
 * edit of an older version was saved · `quarantine` the server refused the record's shape or size.
 */
export type LocalConflict<T extends WritableType = WritableType> = {
  id: string
  type: T
  entityId: string
  /** The write that was not taken. */
  losing: EntityDocuments[T]
  foundAt: number
  /** The place that the write had in the outbox. */
  place: string
} & (
  | { kind: 'server'; conflict: SyncConflict }
  | {
      kind: 'local'
      /** The version that the write met; null when the record was deleted, and for a patch. */
      server: EntityDocuments[T] | null
      /** Of a patch: the playbook that it met. */
      playbook?: Playbook
      /** The server's answer if the write were sent all the same; null when the record was deleted. */
      code: ConflictCode | null
      resolution: ConflictResolution
      message: string
    }
  | {
      kind: 'quarantine'
      issues: ValidationIssue[]
      /** The version below the write when it was refused; what a repair started from (ENG-40). Earlier builds kept none. */
      base?: EntityDocuments[T] | null
    }
)
