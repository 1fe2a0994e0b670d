import type { ValidationIssue } from '@fieldsync/contracts'
import type { ConflictDecision } from '@fieldsync/domain'

import type { RecordName } from './engine-events.ts'
import type { LocalRecord, WritableType } from './local-record.ts'

/** What the server would answer by what the device knows; it may know better. */
export type LikelyConflict = Omit<ConflictDecision, 'kind'>

/** Everything that is wrong with a write that was therefore not stored. */
export type RefusedWrite = { ok: false; issues: ValidationIssue[] }

/** A write that is stored, or why it is not. */
export type SaveOutcome<T extends WritableType> =
  | {
      ok: true
      record: LocalRecord<T>
      likelyConflict: LikelyConflict | null
      /** The conflict in which the write waits for a person; null where it is queued (ENG-38). */
      conflictId: string | null
    }
  | RefusedWrite

/** A conflict that is resolved, with the record it ended in; or why it is still open. */
export type Resolved = { ok: true; record: RecordName } | RefusedWrite

export type PreviewOutcome = { ok: true; likelyConflict: LikelyConflict | null } | RefusedWrite

export const refused = (path: string, message: string): RefusedWrite => ({
  ok: false,
  issues: [{ path, message }],
})

/** A write over a record on the device that names no version: it could undo changes that its author never saw. */
export const NO_BASE: RefusedWrite = refused(
  '',
  'is on this device in another version: name the version that the edit started from (basedOn)',
)
