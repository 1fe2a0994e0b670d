import type { AcceptedCounts, PlaybookPatch, SyncConflict } from '@fieldsync/contracts'
import type { Actor, AuditChange } from '@fieldsync/domain'

import type { ModelWorkspace } from './model-state.ts'

/** A batch while its records are judged: what they meet, and what has become of them so far. */
export type Batch = {
  readonly workspace: ModelWorkspace
  readonly actor: Actor
  readonly requestedAt: string
  /** The server's clock, milliseconds since 1970. */
  readonly now: number
  /** Appends an entry to the log. @returns its position */
  readonly append: () => number
  readonly accepted: AcceptedCounts
  readonly conflicts: SyncConflict[]
  /** Conflicts that are completed once the whole batch is judged. */
  readonly rebases: { conflict: SyncConflict; patch: PlaybookPatch }[]
  /** For the audit, in the order they were made (AUD-2, AUD-6). */
  readonly changes: AuditChange[]
}

/** The server's instant. */
export const instantOf = (milliseconds: number): string => new Date(milliseconds).toISOString()

export const microsOf = (milliseconds: number): number => milliseconds * 1000
