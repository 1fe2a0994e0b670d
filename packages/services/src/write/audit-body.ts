import { type AuditBody, type AuditChange, auditTemplate } from '@fieldsync/domain'

import type { AuthenticatedActor } from '../core/actor.ts'
import type { RequestInfo } from '../core/context.ts'

export type AuditRecord = {
  action: string
  at: Date
  changes: readonly AuditChange[]
  target: AuditBody['tgt']
  requestSha256: string | null
  outcome: AuditBody['out']
}

/** The audit row of one transaction, around its number, which the database gives (AUD rules). */
export function auditText(
  actor: Pick<AuthenticatedActor, 'kind' | 'workspaceId' | 'deviceId' | 'role'>,
  request: RequestInfo,
  record: AuditRecord,
): { auditPrefix: string; auditSuffix: string } {
  const { prefix, suffix } = auditTemplate({
    v: 1,
    ws: actor.workspaceId,
    at: record.at.toISOString(),
    act: record.action,
    actor: {
      usr: null,
      dev: actor.kind === 'system' ? null : actor.deviceId,
      client: null,
      role: actor.kind === 'system' ? null : actor.role,
      jti: null,
      via: request.via,
    },
    chg: record.changes,
    tgt: record.target,
    req: { id: request.requestId, idem: request.idempotencyKey || null, bodySha256: record.requestSha256 },
    out: record.outcome,
  })
  return { auditPrefix: prefix, auditSuffix: suffix }
}
