import { type Breach, breachesOf, type BreachCode, MAX_ISSUES_PER_RECORD } from '@fieldsync/contracts'
import type { ConflictDecision } from '@fieldsync/domain'
import type { z } from 'zod'

import type { RecordName } from './engine-events.ts'
import type { LocalRecord, WritableType } from './local-record.ts'

/** What the server would answer by what the device knows; it may know better. */
export type LikelyConflict = Omit<ConflictDecision, 'kind'>

/** Why the engine itself does not store a write, for a program that describes it in the language of its user. */
export const WRITE_REFUSALS = [
  'changed_meanwhile',
  'correction_required',
  'no_change',
  'no_server_version',
  'not_here',
  'not_local_only',
  'other_author',
  'other_base',
  'other_choice',
  'other_store',
  'playbook_version',
  'queued_already',
  'reason_required',
  'resolved_already',
  'wrong_id',
] as const
export type WriteRefusal = (typeof WRITE_REFUSALS)[number]

/** One reason why a write was not stored: a breach of the contract, or a refusal of the engine. */
export type WriteIssue = Omit<Breach, 'code'> & { readonly code: BreachCode | WriteRefusal }

/** Everything that is wrong with a write that was therefore not stored. */
export type RefusedWrite = { ok: false; issues: WriteIssue[] }

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

export const refused = (path: string, message: string, code: WriteRefusal): RefusedWrite => ({
  ok: false,
  issues: [{ path, message, code }],
})

/** A write that breaks the contract, as `parseInput` has found. */
export const breaksContract = (schema: z.ZodType, input: unknown): RefusedWrite => ({
  ok: false,
  issues: breachesOf(schema, input).slice(0, MAX_ISSUES_PER_RECORD),
})

/** A write over a record on the device that names no version: it could undo changes that its author never saw. */
export const NO_BASE: RefusedWrite = refused(
  '',
  'is on this device in another version: name the version that the edit started from (basedOn)',
  'other_base',
)
