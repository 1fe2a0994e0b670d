import type { AcceptedCounts, PlaybookPatch, SyncConflict } from '@fieldsync/contracts'
import type { Actor, AuditBody, AuditChange } from '@fieldsync/domain'

import type { ModelWorkspace } from './model-state.ts'

/** A batch while its records are decided on: what it finds stored, and the outcomes so far. */
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
  /** Conflicts that are completed once the whole batch is decided on. */
  readonly rebases: { conflict: SyncConflict; patch: PlaybookPatch }[]
  /** Recommendations that it has changed, by id, in that order; `isNew` where none was stored before. */
  readonly written: Map<string, { isNew: boolean }>
  /** Patches that it has applied, in that order. */
  readonly patched: PlaybookPatch[]
  /** For the audit, in the order they were made (AUD-2, AUD-6). */
  readonly changes: AuditChange[]
}

/** The server's instant. */
export const instantOf = (milliseconds: number): string => new Date(milliseconds).toISOString()

export const microsOf = (milliseconds: number): number => milliseconds * 1000

type Said = Pick<AuditBody, 'act' | 'chg' | 'tgt'> & Partial<Pick<AuditBody, 'req'>>

/** Appends the row of one stored write (AUD rules). @param actor undefined where the server itself acts */
export function appendAudit(
  { workspaceId, audit }: ModelWorkspace,
  actor: Actor | undefined,
  now: number,
  said: Said,
): void {
  audit.push({
    v: 3,
    ws: workspaceId,
    seq: audit.length + 1,
    at: instantOf(now),
    actor: {
      auth: actor ? 'token' : null,
      usr: null,
      dev: actor?.deviceId ?? null,
      client: null,
      role: actor?.role ?? null,
      jti: null,
      via: actor ? 'rest' : 'system',
    },
    req: { id: null, idem: null, bodySha256: null },
    out: { ok: true, code: null },
    ...said,
  })
}
