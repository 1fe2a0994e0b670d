import type { ErrorCode, SyncConflict, ValidationIssue } from '@fieldsync/contracts'

import type { Resolution } from './engine-meta.ts'
import type { EngineState, EngineStatus, ProblemDetail } from './engine-status.ts'
import type { ForeignStore } from './foreign-store.ts'
import type { LocalConflict } from './local-conflict.ts'
import type { EntityType, WritableType } from './local-record.ts'
import type { WipeProgress } from './wipe.ts'

export type RecordName = { type: EntityType; id: string }
export type WrittenName = { type: WritableType; id: string }

/** A record, and how many of its corrections are lost for good (ENG-44). */
export type LostCorrections = { type: 'observation'; id: string; corrections: number }

/** What the engine emits, after it is stored. */
export type EngineEvent =
  | { kind: 'stateChanged'; from: EngineState; to: EngineState }
  /** Any number of the status changed; also emitted after another tab's writes. */
  | { kind: 'statusChanged'; status: EngineStatus }
  /** The store was written to, here or in another tab: what is on the screen may be old. Told while started. */
  | { kind: 'storeChanged' }
  | { kind: 'saved'; record: WrittenName }
  /** A batch is on its way, not for the first time where `again`. */
  | { kind: 'sent'; syncId: string; records: number; again: boolean }
  | { kind: 'accepted'; records: WrittenName[] }
  | { kind: 'conflict'; conflict: LocalConflict }
  /** A patch met a change that it does not touch, and goes out again on top of it. */
  | { kind: 'rebased'; from: string; to: string; conflict: SyncConflict }
  | { kind: 'quarantined'; conflict: LocalConflict; issues: ValidationIssue[] }
  | { kind: 'resolved'; conflict: LocalConflict; resolution: Resolution }
  /** What others changed, now on the device. */
  | { kind: 'downstream'; changed: RecordName[]; deleted: RecordName[]; hasMore: boolean }
  | { kind: 'drift'; serverHash: string; deviceHash: string; healing: boolean }
  /** This device's clock turned out to be off by so much, or right again (0); ahead of the server's is positive (ENG-57). */
  | { kind: 'clockSkew'; offsetMs: number }
  /** The server does not know the cursor: everything is pulled again, the queue stays. */
  | { kind: 'cursorReset' }
  /** Acknowledged writes that the server has lost go out again. */
  | { kind: 'resent'; records: WrittenName[] }
  /** The server no longer has these, or a version of them; this device keeps them, and does not send them by itself. */
  | { kind: 'localOnly'; records: RecordName[] }
  /** The server no longer has corrections of these; of each chain only the latest version is still here. */
  | { kind: 'correctionsLost'; records: LostCorrections[] }
  /** The store is another owner's: nothing of it is shown or sent before a person decides. */
  | { kind: 'foreignStore'; foreign: ForeignStore }
  /** An admin lets this device be wiped: how far that is. */
  | { kind: 'wipe'; wipe: WipeProgress }
  | { kind: 'deferred'; reason: string; nextTryAt: number }
  | { kind: 'authRequired'; action: string | null }
  | { kind: 'failed'; code: ErrorCode | null; message: string; detail?: ProblemDetail }
