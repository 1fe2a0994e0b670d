import type { Observation, PlaybookPatch, Recommendation, SyncConflict } from '@fieldsync/contracts'
import type { AuditChange, CanonicalRecord } from '@fieldsync/domain'

import type { AuthenticatedActor } from '../verb/context.ts'

/** What the judging of one batch looks at besides the records. */
export type JudgeContext = {
  actor: AuthenticatedActor
  requestedAt: string
  now: Date
}

/** A correction to append to an observation's history. */
export type AcceptedCorrection = {
  observationId: string
  correctionId: string
  contentSha256: string
  before: string | null
  after: string
}

/** A new version of a playbook, made by a patch. */
export type NewVersion = {
  playbookId: string
  version: number
  patchId: string
  paths: string[]
  text: string
}

/** One attempt to patch, for the append-only record. */
export type PatchAttempt = {
  patch: CanonicalRecord<PlaybookPatch>
  outcome: 'applied' | 'rejected'
  code: string | null
  oldVersion: number | null
  newVersion: number | null
}

export type ReportedConflict = {
  conflict: SyncConflict
  incoming: CanonicalRecord<Observation> | CanonicalRecord<Recommendation> | CanonicalRecord<PlaybookPatch>
}

/** The outcome of every record of a batch: what is to be written and what is to be told. */
export class Judgement {
  readonly accepted = { observations: 0, recommendations: 0, playbookPatches: 0 }
  readonly conflicts: ReportedConflict[] = []
  /** One per accepted change (GUA-8), and one per refused patch. */
  readonly changes: AuditChange[] = []
  readonly corrections: AcceptedCorrection[] = []
  readonly versions: NewVersion[] = []
  readonly attempts: PatchAttempt[] = []
}
