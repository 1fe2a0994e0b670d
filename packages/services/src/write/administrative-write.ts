import type { OperationName } from '@fieldsync/contracts'
import { commitWrite, inTransaction, lockWorkspace, type Queryable, type WorkspaceWrite } from '@fieldsync/db'
import { type AuditChange, canonicalText } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { sha256 } from '../core/json-text.ts'
import { CredentialChanged, type ServiceError } from '../core/service-error.ts'
import { type AuditRecord, baseWrite } from './base-write.ts'
import { replay, type WriteResult } from './commit-decided.ts'
import { type PersonalValue, PersonalValues } from './personal-values.ts'
import { singleKey, storedAnswer } from './single-write.ts'
import type { StoredCounts } from './sync-summary.ts'

const NO_RECORDS: StoredCounts = {
  accepted: { observations: 0, recommendations: 0, playbookPatches: 0 },
  conflicts: 0,
}

/** A change under the workspace's lock, idempotent by the caller's key; the system itself brings none (IDM rules). */
type AdministrativeWrite = {
  readonly operation: OperationName
  /** As the audit names it, whoever does it and by which transport. */
  readonly action: string
  readonly target: NonNullable<AuditRecord['target']>
  readonly input: object
  readonly at: Date
  /** In the words of who does it. */
  readonly reason?: string
  /** The input has a name or an address: the chain gets no hash of it, by which both could be guessed for ever (ERA-6). */
  readonly namesPerson?: boolean
}

/**
 * What a change came to; `asItIs` where nothing had to change, which is answered and not stored. `afterwards` runs once
 * the caller's rights were checked for the last time, still in the transaction. `rows` may add log entries.
 */
export type Changed =
  | {
      answer: string
      changes?: readonly AuditChange[]
      /** Names and addresses that the entry is about; the chain gets commitments to them (AUD-34). */
      personal?: readonly PersonalValue[]
      /** What it is about, where that is known only once it was read. */
      target?: AdministrativeWrite['target']
      /** What the change adds to the log. */
      rows?: Partial<WorkspaceWrite>
      afterwards?: () => Promise<void>
    }
  | { asItIs: string }
  | { refusal: ServiceError }

/**
 * Carries out an administrative change under the workspace's lock, with its audit entry in the same transaction. A refusal
 * takes all of it back.
 *
 * @param change makes the change, and gives the text to store as its answer
 */
export async function administrativeWrite(
  ctx: ServiceContext,
  write: AdministrativeWrite,
  change: (connection: Queryable) => Promise<Changed>,
): Promise<WriteResult> {
  const { db } = ctx.runtime
  const done = await inTransaction(
    db,
    (connection) => changeLocked(ctx, write, change, connection),
    (result) => !('refusal' in result),
  )
  if ('answered' in done) return await replay(db, done.answered)
  if ('refusal' in done) return done
  if (done.moved) ctx.runtime.live?.changed(ctx.actor.workspaceId)
  return { response: done.response, replayed: false }
}

async function changeLocked(
  ctx: ServiceContext,
  { operation, action, target, input, at, reason, namesPerson = false }: AdministrativeWrite,
  change: (connection: Queryable) => Promise<Changed>,
  connection: Queryable,
): Promise<{ response: string; moved: boolean } | { answered: string } | { refusal: ServiceError }> {
  const { actor } = ctx
  const requestSha256 = sha256(canonicalText(input))
  await lockWorkspace(connection, actor.workspaceId)
  const isSystem = actor.kind === 'system'
  const known = isSystem ? undefined : await storedAnswer(ctx, connection, operation, requestSha256)
  if (known) return known
  const changed = await change(connection)
  if ('refusal' in changed) return changed
  if ('asItIs' in changed) return { response: changed.asItIs, moved: false }
  const { rows = {} } = changed
  const personal = new PersonalValues(actor.workspaceId, changed.personal ?? [])
  const { outcome } = await commitWrite(connection, {
    ...baseWrite(ctx, {
      action,
      at,
      target: changed.target ?? target,
      changes: changed.changes ?? [],
      requestSha256: isSystem || namesPerson ? null : requestSha256,
      outcome: { ok: true, code: null },
      personal: personal.commitments,
      ...(reason !== undefined && { reason }),
    }),
    ...rows,
    operation,
    ...(isSystem ? {} : singleKey(ctx, requestSha256)),
    ...changed.rows,
    counts: JSON.stringify(NO_RECORDS),
    responseStart: changed.answer,
  })
  if (outcome === 'credential') return { refusal: new CredentialChanged() }
  if (outcome !== 'done') throw new Error(`an administrative write ended as ${outcome}`)
  await personal.store(connection)
  await changed.afterwards?.()
  return { response: changed.answer, moved: (rows.positions ?? 0) > 0 }
}
