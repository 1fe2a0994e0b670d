import type { SyncConflict, ValidationIssue } from '@fieldsync/contracts'

import type { EntityDocuments, WritableType } from './local-record.ts'

/**
 * Why a write of this device waits for a person, with the value that lost, so that nothing vanishes untold.
 * `server` the server judged so · `local` something newer came down over a pending edit · `quarantine` the server
 * refused the record's shape.
 */
export type LocalConflict<T extends WritableType = WritableType> = {
  id: string
  type: T
  entityId: string
  /** The write that was not taken. */
  losing: EntityDocuments[T]
  foundAt: number
} & (
  | { kind: 'server'; conflict: SyncConflict }
  | { kind: 'local'; server: EntityDocuments[T] }
  | { kind: 'quarantine'; issues: ValidationIssue[] }
)
