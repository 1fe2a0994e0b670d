import type { OperationName } from '@fieldsync/contracts'
import { commitWrite, inTransaction, lockWorkspace, type Queryable } from '@fieldsync/db'
import { canonicalText } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { sha256 } from '../core/json-text.ts'
import { CredentialChanged } from '../core/service-error.ts'
import { auditText, type AuditRecord } from './audit-body.ts'
import { baseWrite } from './base-write.ts'
import { replay } from './commit-decided.ts'
import { singleKey, storedAnswer } from './single-write.ts'
import type { StoredCounts } from './sync-summary.ts'

const NO_RECORDS: StoredCounts = {
  accepted: { observations: 0, recommendations: 0, playbookPatches: 0 },
  conflicts: 0,
}

/** A change outside the log, idempotent by the caller's key; the system itself brings none (IDM rules). */
type AdministrativeWrite = {
  readonly operation: OperationName
  /** As the audit names it, whoever does it and over which door. */
  readonly action: string
  readonly target: NonNullable<AuditRecord['target']>
  readonly input: object
  readonly at: Date
}

/** What a change came to: `asItIs` where nothing had to change, which is answered and not stored. */
export type Changed = { answer: string; afterwards?: () => Promise<void> } | { asItIs: string }

/**
 * Carries out a change of devices under the workspace's lock, with its audit entry in the same transaction.
 *
 * @param change makes the change and answers the text to store as its answer; `afterwards` runs once the caller's rights
 *   were looked at for the last time, still in the transaction
 * @throws ServiceError IDEMPOTENCY_CONFLICT; what `change` throws takes all of it back
 */
export async function administrativeWrite(
  ctx: ServiceContext,
  write: AdministrativeWrite,
  change: (connection: Queryable) => Promise<Changed>,
): Promise<{ response: string; replayed: boolean }> {
  const { operation, action, target, input, at } = write
  const { actor, request } = ctx
  const { db } = ctx.runtime
  const requestSha256 = sha256(canonicalText(input))
  const done = await inTransaction(db, async (connection) => {
    await lockWorkspace(connection, actor.workspaceId)
    const isSystem = actor.kind === 'system'
    if (!isSystem) {
      const known = await storedAnswer(ctx, connection, operation, requestSha256)
      if (known !== undefined) return { answered: known }
    }
    const changed = await change(connection)
    if ('asItIs' in changed) return { response: changed.asItIs }
    const audit = auditText(actor, request, {
      action,
      at,
      target,
      changes: [],
      requestSha256: isSystem ? null : requestSha256,
      outcome: { ok: true, code: null },
    })
    const { outcome } = await commitWrite(connection, {
      ...baseWrite({
        workspaceId: actor.workspaceId,
        deviceId: actor.deviceId,
        epoch: isSystem ? null : actor.epoch,
        operation,
        now: at,
        ...audit,
      }),
      ...(isSystem ? {} : singleKey(ctx, requestSha256)),
      counts: JSON.stringify(NO_RECORDS),
      responseStart: changed.answer,
    })
    if (outcome === 'credential') throw new CredentialChanged()
    if (outcome !== 'done') throw new Error(`an administrative write ended as ${outcome}`)
    await changed.afterwards?.()
    return { response: changed.answer }
  })
  return 'answered' in done ? await replay(db, done.answered) : { ...done, replayed: false }
}
