import type { ConflictCode, ConflictReason, ConflictResolution, ValidationIssue } from '@fieldsync/contracts'

import type { CONFLICT_TABLE } from '../conflict-resolution.ts'

/** The record is not accepted. `issues` (paths into the record) are present for every `fix` (CNF-7). */
export type ConflictDecision = {
  kind: 'conflict'
  code: ConflictCode
  resolution: ConflictResolution
  message: string
  issues?: ValidationIssue[]
  /** Why a rule with several reasons refuses, where a program needs to know (CNF-14). */
  reason?: ConflictReason
}

/** The outcome for one incoming observation or recommendation. */
export type Decision =
  | {
      kind: 'accept'
      change: 'create' | 'update' | 'advance' | 'correct'
      /** The record carries a correction that is not in its history yet: append it (OBS-16). */
      newCorrection: boolean
    }
  | {
      kind: 'duplicate'
      /** The stored record keeps its text; only the time of its last write becomes the incoming one (OBS-22). */
      moveTime: boolean
    }
  | ConflictDecision

type Table = typeof CONFLICT_TABLE
type Fixable = {
  [Code in ConflictCode]: 'fix' extends Table[Code]['resolutions'][number] ? Code : never
}[ConflictCode]

/** A conflict that the device resolves without repairing the record. Only pairs of the table compile. */
export function conflict<Code extends ConflictCode>(
  code: Code,
  resolution: Exclude<Table[Code]['resolutions'][number], 'fix'>,
  message: string,
): ConflictDecision {
  return { kind: 'conflict', code, resolution, message }
}

/** A conflict that the device resolves by repairing what `issues` names (paths into the record). */
export function toFix(
  code: Fixable,
  message: string,
  issues: readonly [ValidationIssue, ...ValidationIssue[]],
): ConflictDecision {
  return { kind: 'conflict', code, resolution: 'fix', message, issues: [...issues] }
}
